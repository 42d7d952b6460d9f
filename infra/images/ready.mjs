// Health check inside a service's image: exit 0 when `ready` is serving on its gRPC port. No shell tools needed.
import { createRequire } from 'node:module'

const require = createRequire('/parley/packages/service/package.json')
const { credentials, makeGenericClientConstructor } = require('@grpc/grpc-js')
const { service } = require('grpc-health-check')

const port = process.env[`${process.argv[2].toUpperCase()}_GRPC_PORT`]
const Client = makeGenericClientConstructor(service, 'grpc.health.v1.Health')
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
client.check({ service: 'ready' }, { deadline: Date.now() + 3_000 }, (error, answer) =>
  process.exit(!error && answer.status === 'SERVING' ? 0 : 1),
)
