import { z } from 'zod'

export const WhatsAppAccount = z.object({
  wabaId: z.string(),
  phoneNumberId: z.string(),
  displayPhoneNumber: z.string(),
  appSecret: z.string(),
  verifyToken: z.string(),
  accessToken: z.string(),
})
export type WhatsAppAccount = z.infer<typeof WhatsAppAccount>
