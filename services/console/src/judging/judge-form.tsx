import { useState } from 'react'
import type { Client } from '../api/client.ts'
import type { Message } from '../api/shapes.ts'
import { useFormat, useSurroundings } from '../screen/work.tsx'
import type { Form, Item } from './shapes.ts'
import { useJudgingTexts } from './texts.ts'
import { useWish } from './wish.ts'

/** Which messages show what was answered. */
export interface Evidence {
  /** For which item messages are being chosen. */
  readonly item: Item | undefined
  readonly byItem: ReadonlyMap<string, readonly string[]>
}

interface JudgeFormProps {
  readonly client: Client
  readonly conversationId: string
  readonly form: Form
  readonly messages: readonly Message[]
  readonly evidence: Evidence
  readonly onEvidence: (evidence: Evidence) => void
  readonly onJudged: () => void
}

/** Undefined: not answered; null: does not apply. */
type Values = ReadonlyMap<string, number | null>

export function JudgeForm({
  client,
  conversationId,
  form: { name, version, hash: formHash, items },
  messages,
  evidence,
  onEvidence,
  onJudged,
}: JudgeFormProps) {
  const texts = useJudgingTexts()
  const format = useFormat()
  const { isUnderWay, trouble, wish } = useWish(client)
  const [values, setValues] = useState<Values>(new Map())
  const [notes, setNotes] = useState<ReadonlyMap<string, string>>(new Map())
  const judge = async () => {
    const answers = items.flatMap(({ id }) => {
      const value = values.get(id)
      if (value == null) return []
      const note = notes.get(id)?.trim() ?? ''
      return [{ item: id, value, messageIds: evidence.byItem.get(id) ?? [], ...(note !== '' && { note }) }]
    })
    const path = `/api/conversations/${encodeURIComponent(conversationId)}/evaluations`
    if (await wish(path, { form: name, version, formHash, answers })) onJudged()
  }
  return (
    <form
      className="judge"
      onSubmit={(event) => {
        event.preventDefault()
        void judge()
      }}
    >
      <p className="small">{texts.version(format.number(version))}</p>
      {items.map((item) => (
        <ItemFields
          key={item.id}
          item={item}
          value={values.get(item.id)}
          onValue={(value) => setValues(new Map(values).set(item.id, value))}
          note={notes.get(item.id) ?? ''}
          onNote={(note) => setNotes(new Map(notes).set(item.id, note))}
          messages={messages}
          evidence={evidence}
          onEvidence={onEvidence}
        />
      ))}
      {trouble !== '' && <p role="alert">{trouble}</p>}
      <button type="submit" className="strong" disabled={isUnderWay}>
        {texts.submit}
      </button>
    </form>
  )
}

interface ItemFieldsProps extends Pick<JudgeFormProps, 'messages' | 'evidence' | 'onEvidence'> {
  readonly item: Item
  readonly value: number | null | undefined
  readonly onValue: (value: number | null) => void
  readonly note: string
  readonly onNote: (note: string) => void
}

function ItemFields({ item, value, onValue, note, onNote, messages, evidence, onEvidence }: ItemFieldsProps) {
  const texts = useJudgingTexts()
  const format = useFormat()
  const { language } = useSurroundings().settings
  const { id, max, weight, critical, optional } = item
  const text = item.text[language]
  const linked = evidence.byItem.get(id) ?? []
  const isLinking = evidence.item?.id === id
  const choices: readonly (readonly [number | null, string])[] = [
    ...Array.from(
      { length: max + 1 },
      (_, each) =>
        [
          each,
          max === 1
            ? each === 0
              ? texts.no
              : texts.yes
            : texts.ofMost(format.number(each), format.number(max)),
        ] as const,
    ),
    ...(optional ? [[null, texts.doesNotApply] as const] : []),
  ]
  return (
    <fieldset data-item={id}>
      <legend>
        {text} <span className="small">{texts.weight(format.number(weight))}</span>
        {critical && (
          <span className="critical">
            {' '}
            <span aria-hidden="true">▲</span> {texts.critical}
          </span>
        )}
        {optional && <span className="small"> {texts.optional}</span>}
      </legend>
      <div className="choices">
        {choices.map(([each, label]) => (
          <label key={String(each)}>
            <input
              type="radio"
              name={id}
              required={!optional}
              checked={value === each}
              onChange={() => onValue(each)}
            />{' '}
            {label}
          </label>
        ))}
      </div>
      <label className="note-of-item">
        {texts.why}
        <input
          value={note}
          maxLength={4_096}
          autoComplete="off"
          onChange={({ currentTarget }) => onNote(currentTarget.value)}
        />
      </label>
      <div className="actions">
        <button
          type="button"
          className="plain"
          aria-pressed={isLinking}
          onClick={() => onEvidence({ ...evidence, item: isLinking ? undefined : item })}
        >
          {isLinking ? texts.linkDone : texts.link}
        </button>
        {linked.length > 0 && (
          <ul className="links">
            {linked.map((messageId) => (
              <li key={messageId}>
                <a href={`#${encodeURIComponent(messageId)}`}>
                  <bdi>
                    {shortened(messages.find((message) => message.id === messageId)?.text ?? texts.file)}
                  </bdi>
                </a>
              </li>
            ))}
          </ul>
        )}
      </div>
      {isLinking && (
        <p className="small" role="status">
          {texts.linking(text)}
        </p>
      )}
    </fieldset>
  )
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
