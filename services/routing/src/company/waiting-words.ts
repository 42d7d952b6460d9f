import type { Language } from '@parley/conversation'
import { type Clock, bengali, closedUntil } from '@parley/workforce'

/** Where a conversation stands in its queue, as the pool says. */
export interface Place {
  /** From 1. */
  readonly position: number
  /** By the measured pace of the queue; 0: not known. */
  readonly expectedWaitSeconds: number
  /** ISO 8601. Undefined: the queue is open. */
  readonly opensAt?: string | undefined
}

interface WaitWords {
  readonly next: string
  readonly still: string
  place(position: string): string
  readonly soon: string
  minutes(minutes: string): string
  readonly long: string
}

const WORDS: Readonly<Record<Language, WaitWords>> = {
  pt: {
    next: 'Você é a próxima pessoa da fila.',
    still: 'Seu atendimento já está na fila: nossa equipe vai responder por aqui.',
    place: (position) => `Você está em ${position}º lugar na fila.`,
    soon: 'A espera deve ser de menos de um minuto.',
    minutes: (minutes) => `A espera deve ser de cerca de ${minutes} minutos.`,
    long: 'A espera deve passar de uma hora.',
  },
  en: {
    next: 'You are next in line.',
    still: 'You are already in line: our team will answer you here.',
    place: (position) => `You are number ${position} in line.`,
    soon: 'It should take less than a minute.',
    minutes: (minutes) => `It should take about ${minutes} minutes.`,
    long: 'It may take more than an hour.',
  },
  bn: {
    next: 'সারিতে এরপরই আপনার পালা।',
    still: 'আপনি আগে থেকেই সারিতে আছেন: আমাদের এজেন্ট এখানেই উত্তর দেবেন।',
    place: (position) => `সারিতে আপনি ${position} নম্বরে আছেন।`,
    soon: 'এক মিনিটের কম সময় লাগতে পারে।',
    minutes: (minutes) => `প্রায় ${minutes} মিনিট লাগতে পারে।`,
    long: 'এক ঘণ্টার বেশি সময় লাগতে পারে।',
  },
}

/** `You are number 3 in line. It should take about 5 minutes.`, or when the queue opens. @param at ISO 8601 */
export function waitInWords(
  clock: Clock,
  at: string,
  { position, expectedWaitSeconds, opensAt }: Place,
  language: Language,
): string {
  if (opensAt !== undefined) return closedUntil(clock, at, opensAt, language)
  const words = WORDS[language]
  const digits = language === 'bn' ? bengali : String
  const place = position <= 1 ? words.next : words.place(digits(position))
  if (expectedWaitSeconds === 0) return place
  if (expectedWaitSeconds <= 60) return `${place} ${words.soon}`
  const long =
    expectedWaitSeconds <= 3600 ? words.minutes(digits(Math.ceil(expectedWaitSeconds / 60))) : words.long
  return `${place} ${long}`
}

/** Without the place and the wait, which nobody is told that often. */
export const stillWaits = (language: Language): string => WORDS[language].still
