// Health check inside a service's container: exit 0 when the service named serves `ready` on its gRPC port.
import { grpcServes } from '../ready.ts'

const port = process.env[`${process.argv[2]?.toUpperCase()}_GRPC_PORT`]
process.exit((await grpcServes(`127.0.0.1:${port}`, 'ready')) ? 0 : 1)
