// Health check inside a service's container: exit 0 when the service named is ready.
import { httpAnswersOk } from '../ready.ts'

const port = process.env[`${process.argv[2]?.toUpperCase()}_PROBE_PORT`]
const isReady = await httpAnswersOk(`http://127.0.0.1:${port}/readyz`).catch(() => false)
process.exit(isReady ? 0 : 1)
