import { CommandLineMistake } from '@parley/authoring'

/** @throws {CommandLineMistake} unless it is one from 1 to max */
export function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value <= max) return value
  throw new CommandLineMistake(`${option} takes a whole number from 1 to ${max}, not "${text}"`)
}
