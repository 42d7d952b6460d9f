export { freePort } from './provision/free-port.ts'
export type { StackJson } from './stack-json.ts'
export { startStack, type Stack } from './start-stack.ts'
