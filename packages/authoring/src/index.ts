/** What people write by hand, files and commands: where a mistake stands, and what was meant. No I/O. */
export { CommandLineMistake, readCommandLine } from './command-line.ts'
export { didYouMean } from './did-you-mean.ts'
export { isTimeZone } from './time-zone.ts'
export { YamlFile, type YamlPath } from './yaml-file.ts'
