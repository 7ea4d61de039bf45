/** How the coordinator turns the mean update into the next model. */
export type ServerOptimizerSpec =
  /** x + learningRate * v, v = momentum * v + mean; momentum 0 and rate 1 is FedAvg. */
  | { readonly kind: "sgd"; readonly learningRate: number; readonly momentum: number }
  | {
      readonly kind: "adagrad" | "yogi" | "adam";
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly tau: number;
    };
