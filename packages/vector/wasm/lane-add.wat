;; Arithmetic of lanes modulo 2^32 or 2^16, in place in the host's memory. Nothing traps but an address outside that memory.
;;
;; add32, subtract32, add16, subtract16: target[i] = target[i] +/- the lanes i of $count sources, above 0, which follow the target $stride bytes
;; apart. A step is 64 bytes, four vectors held in registers while the sources pass, and there is no remainder loop: the size is a multiple of 64
;; above 0 and at most the stride, and the caller pads its tiles.
;;
;; addPacked32, addPacked16: target[i] = target[i] + the lane i of a little-endian bit stream of 8 to 32 bits a lane. A lane begins at most
;; 7 bits into a byte, so it is in the 8 bytes from there on; these are read whole, up to 7 bytes behind the stream. The count is above 0.
;;
;; Target and source are byte addresses of memory that does not overlap. Lane i of target is at byte 4 i or 2 i.
(module
  (import "host" "memory" (memory 1))

  (func (export "add32")
    (param $target i32) (param $stride i32) (param $count i32) (param $size i32)
    (local $end i32) (local $from i32) (local $left i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $target) (local.get $size)))
    (loop $step
      (local.set $a (v128.load (local.get $target)))
      (local.set $b (v128.load offset=16 (local.get $target)))
      (local.set $c (v128.load offset=32 (local.get $target)))
      (local.set $d (v128.load offset=48 (local.get $target)))
      (local.set $from (i32.add (local.get $target) (local.get $stride)))
      (local.set $left (local.get $count))
      (loop $each
        (local.set $a (i32x4.add (local.get $a) (v128.load (local.get $from))))
        (local.set $b (i32x4.add (local.get $b) (v128.load offset=16 (local.get $from))))
        (local.set $c (i32x4.add (local.get $c) (v128.load offset=32 (local.get $from))))
        (local.set $d (i32x4.add (local.get $d) (v128.load offset=48 (local.get $from))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $target) (local.get $a))
      (v128.store offset=16 (local.get $target) (local.get $b))
      (v128.store offset=32 (local.get $target) (local.get $c))
      (v128.store offset=48 (local.get $target) (local.get $d))
      (local.set $target (i32.add (local.get $target) (i32.const 64)))
      (br_if $step (i32.lt_u (local.get $target) (local.get $end)))))

  (func (export "subtract32")
    (param $target i32) (param $stride i32) (param $count i32) (param $size i32)
    (local $end i32) (local $from i32) (local $left i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $target) (local.get $size)))
    (loop $step
      (local.set $a (v128.load (local.get $target)))
      (local.set $b (v128.load offset=16 (local.get $target)))
      (local.set $c (v128.load offset=32 (local.get $target)))
      (local.set $d (v128.load offset=48 (local.get $target)))
      (local.set $from (i32.add (local.get $target) (local.get $stride)))
      (local.set $left (local.get $count))
      (loop $each
        (local.set $a (i32x4.sub (local.get $a) (v128.load (local.get $from))))
        (local.set $b (i32x4.sub (local.get $b) (v128.load offset=16 (local.get $from))))
        (local.set $c (i32x4.sub (local.get $c) (v128.load offset=32 (local.get $from))))
        (local.set $d (i32x4.sub (local.get $d) (v128.load offset=48 (local.get $from))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $target) (local.get $a))
      (v128.store offset=16 (local.get $target) (local.get $b))
      (v128.store offset=32 (local.get $target) (local.get $c))
      (v128.store offset=48 (local.get $target) (local.get $d))
      (local.set $target (i32.add (local.get $target) (i32.const 64)))
      (br_if $step (i32.lt_u (local.get $target) (local.get $end)))))

  (func (export "add16")
    (param $target i32) (param $stride i32) (param $count i32) (param $size i32)
    (local $end i32) (local $from i32) (local $left i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $target) (local.get $size)))
    (loop $step
      (local.set $a (v128.load (local.get $target)))
      (local.set $b (v128.load offset=16 (local.get $target)))
      (local.set $c (v128.load offset=32 (local.get $target)))
      (local.set $d (v128.load offset=48 (local.get $target)))
      (local.set $from (i32.add (local.get $target) (local.get $stride)))
      (local.set $left (local.get $count))
      (loop $each
        (local.set $a (i16x8.add (local.get $a) (v128.load (local.get $from))))
        (local.set $b (i16x8.add (local.get $b) (v128.load offset=16 (local.get $from))))
        (local.set $c (i16x8.add (local.get $c) (v128.load offset=32 (local.get $from))))
        (local.set $d (i16x8.add (local.get $d) (v128.load offset=48 (local.get $from))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $target) (local.get $a))
      (v128.store offset=16 (local.get $target) (local.get $b))
      (v128.store offset=32 (local.get $target) (local.get $c))
      (v128.store offset=48 (local.get $target) (local.get $d))
      (local.set $target (i32.add (local.get $target) (i32.const 64)))
      (br_if $step (i32.lt_u (local.get $target) (local.get $end)))))

  (func (export "subtract16")
    (param $target i32) (param $stride i32) (param $count i32) (param $size i32)
    (local $end i32) (local $from i32) (local $left i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $target) (local.get $size)))
    (loop $step
      (local.set $a (v128.load (local.get $target)))
      (local.set $b (v128.load offset=16 (local.get $target)))
      (local.set $c (v128.load offset=32 (local.get $target)))
      (local.set $d (v128.load offset=48 (local.get $target)))
      (local.set $from (i32.add (local.get $target) (local.get $stride)))
      (local.set $left (local.get $count))
      (loop $each
        (local.set $a (i16x8.sub (local.get $a) (v128.load (local.get $from))))
        (local.set $b (i16x8.sub (local.get $b) (v128.load offset=16 (local.get $from))))
        (local.set $c (i16x8.sub (local.get $c) (v128.load offset=32 (local.get $from))))
        (local.set $d (i16x8.sub (local.get $d) (v128.load offset=48 (local.get $from))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $target) (local.get $a))
      (v128.store offset=16 (local.get $target) (local.get $b))
      (v128.store offset=32 (local.get $target) (local.get $c))
      (v128.store offset=48 (local.get $target) (local.get $d))
      (local.set $target (i32.add (local.get $target) (i32.const 64)))
      (br_if $step (i32.lt_u (local.get $target) (local.get $end)))))

  (func (export "addPacked32") (param $target i32) (param $source i32) (param $count i32) (param $bits i32)
    (local $end i32) (local $bit i32) (local $mask i32)
    (local.set $end (i32.add (local.get $target) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $mask (i32.shr_u (i32.const -1) (i32.sub (i32.const 32) (local.get $bits))))
    (loop $lane
      (i32.store (local.get $target)
        (i32.add
          (i32.load (local.get $target))
          (i32.and
            (local.get $mask)
            (i32.wrap_i64
              (i64.shr_u
                (i64.load align=1 (i32.add (local.get $source) (i32.shr_u (local.get $bit) (i32.const 3))))
                (i64.extend_i32_u (i32.and (local.get $bit) (i32.const 7))))))))
      (local.set $bit (i32.add (local.get $bit) (local.get $bits)))
      (local.set $target (i32.add (local.get $target) (i32.const 4)))
      (br_if $lane (i32.lt_u (local.get $target) (local.get $end)))))

  (func (export "addPacked16") (param $target i32) (param $source i32) (param $count i32) (param $bits i32)
    (local $end i32) (local $bit i32) (local $mask i32)
    (local.set $end (i32.add (local.get $target) (i32.shl (local.get $count) (i32.const 1))))
    (local.set $mask (i32.shr_u (i32.const -1) (i32.sub (i32.const 32) (local.get $bits))))
    (loop $lane
      (i32.store16 (local.get $target)
        (i32.add
          (i32.load16_u (local.get $target))
          (i32.and
            (local.get $mask)
            (i32.wrap_i64
              (i64.shr_u
                (i64.load align=1 (i32.add (local.get $source) (i32.shr_u (local.get $bit) (i32.const 3))))
                (i64.extend_i32_u (i32.and (local.get $bit) (i32.const 7))))))))
      (local.set $bit (i32.add (local.get $bit) (local.get $bits)))
      (local.set $target (i32.add (local.get $target) (i32.const 2)))
      (br_if $lane (i32.lt_u (local.get $target) (local.get $end))))))
