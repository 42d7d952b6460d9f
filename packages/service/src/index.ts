export { type RecordAct, auditRecorder } from './audit-recorder.ts'
export { operatorActs } from './operator-acts.ts'
export { readCompanyIn } from './company.ts'
export { CALLERS, type Caller, GRPC_ACCESS } from './grpc/access.ts'
export { type CallerKeys, makeCallerKeys } from './grpc/caller-keys.ts'
export { type CallerCredentials, grpcCall, grpcClient, heldCredentials } from './grpc/client.ts'
export { grpcIdentity } from './grpc/identity.ts'
export {
  type GrpcCallContext,
  type GrpcHandlers,
  type GrpcService,
  type Permits,
  grpcService,
  startGrpcServer,
} from './grpc/server.ts'
export { GrpcError, grpcError, status } from './grpc/status.ts'
export type { Access, DeclaredRoute, Doorkeeper, SignedIn } from './http/access.ts'
export { asMatched, isOfThisSite } from './http/access.ts'
export { probeServer } from './probe-server.ts'
export { dueBy } from './due-by.ts'
export { whileAsked } from './http/asked.ts'
export { bodyOf, queryOf } from './http/body.ts'
export { type Change, Changes, type Outcome, idempotencyKeyOf, idempotencyKeyReused } from './http/changes.ts'
export { beginningAt } from './http/feed-position.ts'
export { Feed, type Happened, type Told, type Watcher } from './http/feed.ts'
export { sourceOf } from './http/limits.ts'
export { type StrangersFile, fileNameOf, sendStrangersFile } from './http/file.ts'
export { sentAs } from './http/openapi.ts'
export { PAGE_STYLE, type PageFile, pageFile, servePageFiles } from './http/page-files.ts'
export { HttpRefusal, isPartAway } from './http/refusal.ts'
export { createHttpServer, listen } from './http/server.ts'
export { type EventStream, EventStreams, type StreamLimits, framesOf } from './http/streams.ts'
export { type HttpSettings, httpOf, httpSettings, ownHosts, streamSettings } from './http/settings.ts'
export { inTime } from './in-time.ts'
export { FULL_BUDGETS, type Resource, type Resources, createLifecycle } from './lifecycle.ts'
export { isLoopback } from './loopback.ts'
export { type Logger, createLogger, logLine, masked } from './logger.ts'
export { connectMongo } from './mongo.ts'
export { startMetrics } from './telemetry/metrics.ts'
export { readerGrpc, readerResources } from './readers/grpc.ts'
export { startProjection } from './readers/projections.ts'
export { deadlinesTrouble, readerTrouble } from './readers/trouble.ts'
export { whenSeen } from './grpc/seen-position.ts'
export { steadyNow } from './steady-now.ts'
export { Rounds } from './rounds.ts'
export { type ServiceContext, runService } from './run-service.ts'
export { SIMULATED, isSimulated, secretText } from './secret.ts'
export {
  type SettingProblem,
  SettingsError,
  commonSettings,
  flag,
  grpcAddress,
  portNumber,
  readSettings,
  safeAddress,
  secret,
  setting,
  siteAddress,
  timerMs,
  timerSeconds,
} from './settings.ts'
export { currentTraceparent, withSpan } from './telemetry/spans.ts'
