export { createLogger, type LogDestination, type LoggerOptions, type LogLevel } from "./logger.ts";
