/** What people write by hand, files and commands: where a mistake stands, and what was meant. */
export {
  CommandFailure,
  CommandLineMistake,
  type Given,
  type Program,
  command,
  explained,
  isTold,
  runProgram,
} from './command-line.ts'
export { didYouMean } from './did-you-mean.ts'
export { numberUpTo, wholeNumber } from './number-options.ts'
export { YamlFile, type YamlPath } from './yaml-file.ts'
