// A small real process to supervise: answers on a port, writes down what happens to it, and behaves badly on request.
import { appendFileSync, existsSync } from 'node:fs'
import { createServer } from 'node:http'

const [name = '', port = '0', journal = '', ...habits] = process.argv.slice(2)
const note = (what: string) => appendFileSync(journal, `${what} ${name}\n`)

note('start')
if (habits.includes('crashes-at-start') || existsSync(`${journal}.broken`))
  throw new Error(`${name} was told to crash`)
process.on('SIGTERM', () => {
  note('term')
  if (habits.includes('ignores-sigterm')) return
  setTimeout(() => {
    note('end')
    process.exit(0)
  }, 100)
})
createServer((request, response) => {
  // It runs, answers that it is ready, and never does its work again.
  if (habits.includes('falls-ill') && request.url === '/work') response.statusCode = 500
  response.end('ok')
}).listen(Number(port), '127.0.0.1')
