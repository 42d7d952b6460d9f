import { randomBytes } from 'node:crypto'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'

/** Where spans and metrics are sent, without a slash at its end; undefined: nowhere. */
export function otlpEndpoint(env: NodeJS.ProcessEnv): string | undefined {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim().replace(/\/+$/, '')
  return endpoint === '' ? undefined : endpoint
}

/** One for the whole process, so that its spans and its metrics are known to be of one instance. */
const INSTANCE_ID = randomBytes(8).toString('hex')

/** Who tells: the same for spans and metrics. */
export function telemetryResource(name: string): Resource {
  return resourceFromAttributes({
    'service.name': `parley-${name}`,
    'service.namespace': 'parley',
    'service.instance.id': INSTANCE_ID,
    'process.pid': process.pid,
  })
}
