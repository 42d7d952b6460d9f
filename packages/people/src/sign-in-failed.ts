/**
 * The local provider's word to the console that a login or a password was wrong (a security event token, RFC 8417): `sub` is whose login
 * it was, and absent where nobody has it. Other providers say no such thing.
 */
export const SIGN_IN_FAILED_EVENT = 'urn:parley:event:sign-in-failed'
