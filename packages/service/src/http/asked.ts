import type { FastifyReply } from 'fastify'
import { HttpRefusal } from './refusal.ts'

/**
 * Aborts when whoever asked leaves before they are answered: what is read for them alone need not be read on, and a page that somebody looks
 * through would leave a question behind it at each step. For reading alone: what is done is done, whether or not somebody waits.
 */
export function whileAsked({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  const leave = () => {
    // What nginx calls it. Nobody reads it, and it is no failure of ours that would stand in the log.
    if (!raw.writableFinished)
      left.abort(new HttpRefusal(499, 'UNAVAILABLE', 'Nobody waits for the answer any more.'))
  }
  if (raw.destroyed) leave()
  else raw.once('close', leave)
  return left.signal
}
