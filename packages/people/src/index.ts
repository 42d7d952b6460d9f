/** Who works here and what they may do. No I/O: the file's text and the person come in, values go out. */
export { type Roster, type RosterPerson, readPeople } from './people-file.ts'
export {
  type Action,
  type ConversationPlace,
  PERMISSIONS,
  type Permission,
  type Scope,
  judge,
  permissionsOf,
  rolesGranting,
  scopeIncludes,
  scopeOf,
} from './permissions.ts'
export { SIGN_IN_FAILED_EVENT } from './sign-in-failed.ts'
export { type Person, ROLES, type Role, type Team, firstNameOf, isRole } from './person.ts'
