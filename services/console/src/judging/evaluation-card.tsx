import { useState } from 'react'
import { useFormat, useSurroundings } from '../screen/work.tsx'
import { type JudgingProps, useFormTitle } from './forms.ts'
import type { Evaluation, Item } from './shapes.ts'
import { useJudgingTexts } from './texts.ts'
import { useWish } from './wish.ts'

interface EvaluationCardProps extends JudgingProps {
  readonly evaluation: Evaluation
  /** It is shown apart from its conversation. */
  readonly withConversation?: boolean
  readonly onChanged: () => void
}

/** How somebody judged, what was said to that, and what this person may say. */
export function EvaluationCard({ evaluation, withConversation = false, ...props }: EvaluationCardProps) {
  const texts = useJudgingTexts()
  const format = useFormat()
  const { settings } = useSurroundings()
  const { forms } = props.scorecards
  const titleOf = useFormTitle(forms)
  const { id, conversationId, form, version, judge, judgeName, subject, at, score, status } = evaluation
  const isChanged = evaluation.isFormChanged === true
  // What the judge answered to is not what stands there now.
  const known = isChanged ? undefined : forms.find((one) => one.name === form && one.version === version)
  const item = (name: string): Item | undefined => known?.items.find((one) => one.id === name)
  const textOf = (name: string) => item(name)?.text[settings.language] ?? name
  const valueOf = (name: string, value: number) => {
    const max = item(name)?.max
    return max === undefined ? format.number(value) : texts.ofMost(format.number(value), format.number(max))
  }
  const path = `/judging/${encodeURIComponent(conversationId)}`
  return (
    <article className="panel evaluation" data-id={id} data-status={status}>
      <h3>
        {titleOf(form)} <span className="small">{texts.version(format.number(version))}</span>
      </h3>
      <p>
        <b className="score">{texts.score(format.number(score))}</b>{' '}
        <span className="tag">{texts.statuses[status]}</span>{' '}
        <bdi>
          {texts.about(subject.kind === 'bot' ? texts.robot : (subject.name ?? subject.id ?? texts.somebody))}
        </bdi>
        , <bdi>{texts.by(judgeName ?? judge)}</bdi> <span className="small">{format.moment(at)}</span>
      </p>
      {isChanged && <p role="note">{texts.formChanged}</p>}
      {evaluation.failedItems.length > 0 && (
        <p className="failed">
          <span aria-hidden="true">✖</span> {texts.failed}: {evaluation.failedItems.map(textOf).join(', ')}
        </p>
      )}
      <ul className="answers">
        {evaluation.answers.map(({ item: name, value, note, messageIds }) => (
          <li key={name} data-item={name}>
            <b>{valueOf(name, value)}</b> {textOf(name)}
            {note !== null && (
              <q>
                <bdi>{note}</bdi>
              </q>
            )}
            {messageIds.map((messageId, index) => (
              <a key={messageId} href={`${withConversation ? path : ''}#${encodeURIComponent(messageId)}`}>
                {texts.evidence} {format.number(index + 1)}
              </a>
            ))}
          </li>
        ))}
      </ul>
      {withConversation && (
        <p>
          <a href={path}>{texts.toConversation}</a>
        </p>
      )}
      {evaluation.replies.length > 0 && (
        <section aria-label={texts.replies}>
          <h4>{texts.replies}</h4>
          <ul className="replies">
            {evaluation.replies.map(({ person, name, as, text, at }) => (
              <li key={`${at} ${person}`} data-as={as}>
                <b>
                  <bdi>{name ?? person}</bdi> {texts.kinds[as] ?? as}
                </b>{' '}
                <span className="small">{format.moment(at)}</span>
                <p className="words">
                  <bdi>{text}</bdi>
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      {status !== 'withdrawn' && props.me.permissions.includes('conversations.answer') && (
        <Reply {...props} evaluation={evaluation} />
      )}
    </article>
  )
}

function Reply({
  client,
  me,
  mayJudge,
  evaluation,
  onChanged,
}: Omit<EvaluationCardProps, 'withConversation'>) {
  const texts = useJudgingTexts()
  const { isUnderWay, trouble, wish } = useWish(client)
  const [text, setText] = useState('')
  const { id, judge, subject, status } = evaluation
  const mayAppeal = subject.id === me.id && status === 'standing'
  const mayDecide = mayJudge && status === 'appealed' && judge !== me.id && subject.id !== me.id
  const said = async (as: string) => {
    if (text.trim() === '') return
    const answer = await wish(`/api/evaluations/${encodeURIComponent(id)}/replies`, { text: text.trim(), as })
    if (answer === undefined) return
    setText('')
    onChanged()
  }
  const button = (as: string, label: string, isStrong = false) => (
    <button
      type="button"
      className={isStrong ? 'strong' : 'plain'}
      disabled={isUnderWay || text.trim() === ''}
      onClick={() => void said(as)}
    >
      {label}
    </button>
  )
  return (
    <form className="reply" onSubmit={(event) => event.preventDefault()}>
      <label>
        {texts.reply}
        <textarea
          rows={2}
          maxLength={4_096}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <p className="actions">
        {mayDecide && button('upheld', texts.uphold, true)}
        {mayDecide && button('withdrawn', texts.withdraw, true)}
        {mayAppeal && button('appeal', texts.appeal, true)}
        {button('answer', texts.answer)}
      </p>
      {mayAppeal && <p className="small">{texts.appealHint}</p>}
      {trouble !== '' && <p role="alert">{trouble}</p>}
    </form>
  )
}
