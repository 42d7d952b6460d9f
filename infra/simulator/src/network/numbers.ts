/** One number of the company, as Meta knows it. */
export interface BusinessNumber {
  readonly phoneNumberId: string
  readonly wabaId: string
  /** Digits, as in webhooks' `metadata.display_phone_number`. */
  readonly displayPhoneNumber: string
  /** The name that customers see above the chat. */
  readonly name: string
}
