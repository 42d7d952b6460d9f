/** What somebody did that leaves a trace. */
export type ActType =
  | 'signed_in'
  | 'sign_in_failed'
  | 'signed_out'
  | 'access_refused'
  | 'roles_changed'
  | 'person_deactivated'
  | 'person_activated'

/** One act, as the audit takes it in. Logins and names are content there, never part of a log line. */
export interface Act {
  readonly type: ActType
  /** Who did it; null: nobody who is signed in, or an operator at the command line. */
  readonly person: { readonly id: string; readonly login: string; readonly name: string } | null
  readonly subject: { readonly kind: 'person' | 'provider' | 'route'; readonly id: string }
  /** Codes and ids. */
  readonly fields: Readonly<Record<string, string>>
}

/** Resolves when the act is on record. @param cause what it came of: the same act of the same cause is one */
export type RecordAct = (act: Act, cause: string) => Promise<void>
