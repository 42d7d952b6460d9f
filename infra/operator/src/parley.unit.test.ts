import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const LISTS_MODULES = `import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) })`

test.each(['parley.ts', '../../../tests/demo/demo.ts'])(
  'the help of %s loads nothing that connects to anything: it answers at once',
  async (file) => {
    const program = new URL(file, import.meta.url).href
    const hooks = `data:text/javascript,${encodeURIComponent(LISTS_MODULES)}`
    const loads = `await import(${JSON.stringify(program)})`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      hooks,
      '--input-type=module',
      '--eval',
      loads,
    ])
    expect(stdout).toContain(program)
    expect(stdout).not.toMatch(/\/(?:mongodb|kafkajs|fastify|@grpc\/grpc-js|@opentelemetry\/[^/]+)\//)
  },
)
