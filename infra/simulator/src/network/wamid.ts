import { randomBytes } from 'node:crypto'

/** A message id in the form of Meta's: base64 over the other side's id, a direction mark and random digits. */
export const wamid = (direction: 'inbound' | 'outbound', customer: string): string => {
  const id = Buffer.from(customer, 'latin1')
  const mark =
    direction === 'inbound' ? [0x15, 0x02, 0x00, 0x12, 0x18, 0x14] : [0x15, 0x02, 0x00, 0x11, 0x18, 0x14]
  const digits = randomBytes(10).toString('hex').toUpperCase()
  return `wamid.${Buffer.concat([
    Buffer.from([0x1c, 0x18, id.length]),
    id,
    Buffer.from(mark),
    Buffer.from(digits, 'latin1'),
    Buffer.from([0]),
  ]).toString('base64')}`
}
