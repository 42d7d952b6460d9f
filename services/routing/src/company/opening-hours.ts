import { isTimeZone } from '@parley/time-zone'
import { z } from 'zod'

/** `09:00-18:00`, several with commas, or `closed`. */
export const opening = z.string().transform((text, context) => {
  if (text.trim() === 'closed') return []
  return text.split(',').map((part) => {
    const [, from = '', to = ''] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(part.trim()) ?? []
    if (!isTime(from) || !isTime(to) || from >= to)
      context.addIssue(`"${part.trim()}" is no time span; write for example 09:00-18:00, or closed`)
    return { from, to }
  })
})

export const timezone = z
  .string()
  .refine(isTimeZone, 'it is no time zone of the IANA list; write for example America/Sao_Paulo')

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

function isTime(text: string): boolean {
  return text === '24:00' || /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
}
