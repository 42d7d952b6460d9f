import {
  appendFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { ChatFact } from '../customer/chats.ts'

const largestBytes = 64 * 1024 * 1024

/**
 * Customers and chats over a restart: one JSON line per fact. A file over 64 MB is set aside as `.old` at the
 * next start; a last line that a kill cut short is skipped.
 * @param lost told once, when nothing can be written any more, as on a full disk: chats go on, and end with the process
 */
export const openJournal = (file: string, replay: (fact: ChatFact) => void, lost: (error: Error) => void) => {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file)) {
    if (statSync(file).size > largestBytes) renameSync(file, `${file}.old`)
    else closeLastLine(file, readLines(file, replay))
  }
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  stream.on('error', lost)
  return {
    append: (fact: ChatFact): void => void stream.write(`${JSON.stringify(fact)}\n`),
    close: (): Promise<void> => new Promise((resolve) => stream.end(resolve)),
  }
}

/** What is written next would else stand behind a line that was cut short, and be as unreadable. */
const closeLastLine = (file: string, text: string): void => {
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n')
}

const readLines = (file: string, replay: (fact: ChatFact) => void): string => {
  const text = readFileSync(file, 'utf8')
  for (const line of text.split('\n')) {
    if (line === '') continue
    let fact: ChatFact
    try {
      fact = JSON.parse(line) as ChatFact
    } catch {
      continue
    }
    replay(fact)
  }
  return text
}
