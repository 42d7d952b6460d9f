import type { Upcast } from '@parley/kernel'
import { type MessageSendUncertain, MessageSendUncertainV1 } from '@parley/proto/events'

/** Shapes that events had: each is read in today's. */
export const upcasts: readonly Upcast[] = [
  {
    type: 'MessageSendUncertain',
    from: 1,
    codec: MessageSendUncertainV1,
    // Nothing was sent a second time then.
    change: ({ messageId }: MessageSendUncertainV1): MessageSendUncertain => ({ messageId, attempts: 1 }),
  },
]
