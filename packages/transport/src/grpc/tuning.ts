import { type ChannelOptions, logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import { limits } from "@sotto/wire";

// Values measured or argued for in PLATFORM 1.

/** What a client may have on its way to us: 1 MiB is 6.6 MB in half a second at 40 ms round trip, and fair among a thousand. */
export const serverWindowSizeBytes = 1_048_576;

/** What the coordinator may have on its way to a client: 80 MB/s at 40 ms round trip. */
export const clientWindowSizeBytes = 8_388_608;

/** Calls one connection may have open. A client needs four: poll, submit, upload, download. */
export const callsPerConnectionMax = 16;

/** Of every server. A maximal age of connections is not among them: with keepalive it kills calls (trap 8). */
export const serverOptions: ChannelOptions = {
  // Less than it may send: what clients and operators send is small, and each may make it hold one message.
  "grpc.max_receive_message_length": limits.toCoordinatorSizeBytesMax,
  "grpc.max_send_message_length": limits.messageSizeBytesMax,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/** Of every client. */
export const clientOptions: ChannelOptions = {
  "grpc.max_receive_message_length": limits.messageSizeBytesMax,
  "grpc.max_send_message_length": limits.messageSizeBytesMax,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  // The loop above repeats what may be repeated; gRPC would buffer uploads for it.
  "grpc.enable_retries": 0,
  "grpc-node.flow_control_window": clientWindowSizeBytes,
  // Each face has a connection of its own: one may close while another to the same coordinator goes on.
  "grpc.use_local_subchannel_pool": 1,
  // After a restart of the coordinator, clients are back within seconds, not the two minutes of the default.
  "grpc.max_reconnect_backoff_ms": 10_000,
  "grpc.service_config_disable_resolution": 1,
};

/** What grpc-js prints by itself is in the errors of calls as well; GRPC_VERBOSITY brings it back. */
export function silenceLibrary(): void {
  if (process.env["GRPC_VERBOSITY"] === undefined) setLogVerbosity(logVerbosity.NONE);
}
