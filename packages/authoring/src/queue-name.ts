import { z } from 'zod'

const QUEUE_NAME = /^[a-z][a-z0-9_-]{0,39}$/

/** How a queue may be called, in whichever file names it: what one of them refused, nobody could serve. */
export const queueName = z
  .string()
  .regex(
    QUEUE_NAME,
    'a queue is named in small letters, digits, _ and -, beginning with a letter, by 40 characters at most',
  )

export const isQueueName = (name: string): boolean => QUEUE_NAME.test(name)
