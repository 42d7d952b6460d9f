export { startIdentityProvider } from './provider.ts'
export { passwordOf } from './passwords.ts'
