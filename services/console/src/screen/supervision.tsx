import './supervision.css'
import { useState } from 'react'
import type { Row } from '../api/shapes.ts'
import { WALLBOARD_TEXTS } from '../wallboard/texts.ts'
import { WhisperForm } from '../wallboard/whisper-form.tsx'
import { pathOf } from '../state/workplace.ts'
import { isOwnedBy, useAct, useSurroundings, useWork } from './work.tsx'

const useWords = () => WALLBOARD_TEXTS[useSurroundings().settings.language]

/** What a supervisor may do in a conversation that somebody else has, and with one they took over. */
export function Supervision({ row }: { readonly row: Row }) {
  const { me } = useWork()
  const words = useWords()
  const act = useAct()
  const [isWhispering, setIsWhispering] = useState(false)
  if (!me.permissions.includes('conversations.supervise')) return null
  const isMine = isOwnedBy(row, me.id)
  const path = pathOf(row.id)
  const isAnothers = row.owner?.kind === 'agent' && !isMine
  const isPeoples = isAnothers || row.owner?.kind === 'queue'
  return (
    <>
      {isAnothers && (
        <button type="button" className="plain" onClick={() => setIsWhispering(!isWhispering)}>
          {words.whisper}
        </button>
      )}
      {isPeoples && (
        <button
          type="button"
          className="plain"
          onClick={() => void act('POST', `${path}/take-over`, {}, words.taken)}
        >
          {words.takeOver}
        </button>
      )}
      {isMine && row.isTakenOver === true && (
        <button
          type="button"
          className="plain"
          onClick={() => void act('POST', `${path}/give-back`, {}, words.given)}
        >
          {words.giveBack}
        </button>
      )}
      {isWhispering && (
        <WhisperForm
          to={row.owner?.name ?? ''}
          texts={words}
          onWhisper={(text) =>
            act('POST', `${path}/whispers`, { text }, words.whispered).then(
              (done) => done && setIsWhispering(false),
            )
          }
        />
      )}
    </>
  )
}

const SHOWN_MAX = 3

/** What was whispered to me since I wrote last, beside what I write with. */
export function Whispers({ id }: { readonly id: string }) {
  const { me, desk, dismissed, dismiss } = useWork()
  const words = useWords()
  const messages = desk.thread(id)?.messages ?? []
  const answered = messages.findLastIndex(
    ({ author, isNote }) => author.kind === 'agent' && author.id === me.id && !isNote,
  )
  const whispers = messages
    .slice(answered + 1)
    .filter(
      ({ id: messageId, isWhisper, mentions }) =>
        isWhisper === true && mentions?.includes(me.id) === true && !dismissed.has(messageId),
    )
    .slice(-SHOWN_MAX)
  return (
    <div className="whispers" role="status">
      {whispers.map(({ id: messageId, author, text }) => (
        <p key={messageId} className="whisper">
          <span aria-hidden="true">🤫</span>{' '}
          <strong>
            <bdi>{words.whisperFrom(author.name ?? '')}</bdi>:
          </strong>{' '}
          <bdi>{text}</bdi>
          <button
            type="button"
            className="plain"
            aria-label={words.dismiss}
            onClick={() => dismiss(messageId)}
          >
            ×
          </button>
        </p>
      ))}
    </div>
  )
}
