export { freePort } from './provision/free-port.ts'
export { startStack, type Stack, type StackJson } from './start-stack.ts'
