import type { Merge } from '../identity/aliases.ts'
import type { MediaStore } from '../media/media-store.ts'
import { storedFileIn } from '../sending/graph-request.ts'
import type { Outbox } from '../sending/outbox.ts'
import type { Sender } from '../sending/sender.ts'
import { type LostNumber, type ReactedEvent, type TypingSign, reactionsTo } from './reactions.ts'

export interface ActingPorts {
  readonly contacts: {
    release(lost: LostNumber): Promise<void>
    mergedInto(contactId: string, survivorId: string): Promise<void>
  }
  readonly aliases: { repoint(merges: readonly Merge[]): Promise<void> }
  readonly media: Pick<MediaStore, 'keepForGood'>
  readonly outbox: Pick<Outbox, 'put'>
  readonly sender: Pick<Sender, 'add' | 'suppress' | 'resend' | 'settledByReceipt'>
  readonly typing: { show(signs: readonly TypingSign[]): void }
  /** The customer has these messages twice. */
  onDoubled(messageIds: readonly string[]): void
  now(): number
}

/** Does what events ask of the gateway. A batch may come again after a crash, and within it the order of the steps counts. */
export function actingOn({ contacts, aliases, media, outbox, sender, typing, onDoubled, now }: ActingPorts) {
  return async (events: readonly ReactedEvent[]): Promise<void> => {
    const reactions = reactionsTo(events, now())
    // Before any message of this batch is added: none may reach the number's next owner.
    for (const lost of reactions.lostNumbers) await contacts.release(lost)
    // Before they wait for their turn, however long that is: files that nobody sends go.
    const files = reactions.messages.flatMap(({ content }) => storedFileIn(content)?.sha256 ?? [])
    if (files.length > 0) await media.keepForGood(files)
    await outbox.put(reactions.messages)
    await Promise.all(reactions.settledMessageIds.map((messageId) => sender.settledByReceipt(messageId)))
    await Promise.all(reactions.resentMessageIds.map((messageId) => sender.resend(messageId)))
    onDoubled(reactions.doubledMessageIds)
    // Both at once, and added first: what this very batch asked for is withheld by it before its call begins.
    await Promise.all([
      sender.add(reactions.messages),
      ...reactions.suppressions.map((suppression) => sender.suppress(suppression)),
    ])
    await aliases.repoint(reactions.merges)
    for (const { from, into } of reactions.merges) await contacts.mergedInto(from, into)
    typing.show(reactions.typing)
  }
}
