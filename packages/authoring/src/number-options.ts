import { CommandLineMistake } from './command-line.ts'

/** @throws {CommandLineMistake} unless it is one from 1 to max */
export function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value <= max) return value
  throw new CommandLineMistake(`${option} takes a whole number from 1 to ${max}, not "${text}"`)
}

/** @throws {CommandLineMistake} unless it is more than 0 and at most max */
export function numberUpTo(option: string, text: string, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value > 0 && value <= max) return value
  throw new CommandLineMistake(`${option} takes a number above 0, at most ${max}, not "${text}"`)
}
