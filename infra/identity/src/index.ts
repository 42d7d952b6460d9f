export {
  type IdentityProvider,
  type IdentityProviderOptions,
  NotLocal,
  startIdentityProvider,
} from './provider.ts'
export { passwordOf } from './passwords.ts'
