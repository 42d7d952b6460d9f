import { expect, test } from 'vitest'
import { REFUSAL_WORDS } from '../../services/agent/src/adapters/desk-changes/refusal-words.ts'
import type { UploadRefusal } from '../../services/gateway/src/media/uploading.ts'
import { TEXTS } from '../../services/console/src/texts/index.ts'

const UPLOADS: Readonly<Record<UploadRefusal | 'UPLOADS_OF_DAY_USED_UP' | 'TOO_MANY_UPLOADS', true>> = {
  MEDIA_TOO_LARGE: true,
  MEDIA_TYPE_REFUSED: true,
  MEDIA_INFECTED: true,
  MEDIA_EMPTY: true,
  UPLOADS_OF_DAY_USED_UP: true,
  TOO_MANY_UPLOADS: true,
}

test.each(['pt', 'en', 'bn'] as const)(
  'the desk says every refusal of the rules, and of a file, in %s',
  (language) => {
    const { refusals } = TEXTS[language]
    expect(
      Object.keys({ ...REFUSAL_WORDS, ...UPLOADS }).filter((code) => !Object.hasOwn(refusals, code)),
    ).toEqual([])
  },
)

test.each(['pt', 'en', 'bn'] as const)('the desk says in %s why people have a conversation', (language) => {
  const { handoverReasons } = TEXTS[language].card
  // Of HandoverRequested (conversation) and of ConversationRequeued (workforce), as their contracts name them.
  const reasons =
    'requested robot_failed robot_timeout notice_not_sent answer_not_sent reopened merged connection_lost offline signed_out transferred customer_wrote snooze_over overflow reassigned given_back'
  expect(reasons.split(' ').filter((reason) => !Object.hasOwn(handoverReasons, reason))).toEqual([])
})
