import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type Message, authorShown } from '../api/shapes.ts'
import { useAddress } from '../places/address.ts'
import { Asked } from '../places/asked.tsx'
import { Choice } from '../places/fields.tsx'
import { useFormat, useSurroundings, useTexts } from '../screen/work.tsx'
import { EvaluationCard } from './evaluation-card.tsx'
import { type Evidence, JudgeForm } from './judge-form.tsx'
import type { JudgingProps } from './forms.ts'
import type { Form } from './shapes.ts'
import { useJudgingTexts } from './texts.ts'

const NO_EVIDENCE: Evidence = { item: undefined, byItem: new Map() }

/** One conversation with its judgements, and the form for whoever has not judged it yet. */
export function JudgedConversation({ id, ...props }: JudgingProps & { readonly id: string }) {
  const { client, me, mayJudge, scorecards } = props
  const texts = useJudgingTexts()
  const desk = useTexts()
  const { language } = useSurroundings().settings
  const [address, change] = useAddress()
  const [evidence, setEvidence] = useState<Evidence>(NO_EVIDENCE)
  const thread = useInfiniteQuery({
    queryKey: ['thread', id],
    queryFn: ({ pageParam }) => client.thread(id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ before }) => before,
  })
  const evaluations = useQuery({ queryKey: ['evaluations of', id], queryFn: () => client.evaluationsOf(id) })
  const newest = newestForms(scorecards.forms)
  const form = newest.find(({ name }) => name === address.get('form')) ?? newest[0]
  const mine = evaluations.data?.some((one) => one.judge === me.id && one.form === form?.name)
  return (
    <Asked query={thread}>
      {({ pages }) => {
        const messages = pages.toReversed().flatMap((page) => page.messages)
        const conversation = pages[0]?.conversation
        return (
          <div className="judged">
            <section className="panel" aria-labelledby="thread">
              <h2 id="thread">
                <bdi>{conversation?.contact.name || texts.noName}</bdi>{' '}
                {conversation !== undefined && <span className="tag">{desk.stages[conversation.stage]}</span>}
              </h2>
              {thread.hasNextPage && (
                <p>
                  <button
                    type="button"
                    className="plain"
                    disabled={thread.isFetching}
                    onClick={() => void thread.fetchNextPage()}
                  >
                    {texts.older}
                  </button>
                </p>
              )}
              <ol className="said">
                {messages.map((message) => (
                  <Said
                    key={message.id}
                    conversationId={id}
                    message={message}
                    evidence={evidence}
                    onEvidence={setEvidence}
                  />
                ))}
              </ol>
              <ToWhatWasNamed isThere={messages.length > 0} />
            </section>
            <div className="verdicts">
              {mayJudge && form !== undefined && conversation !== undefined && (
                <section className="panel" aria-label={texts.form}>
                  <Choice
                    label={texts.form}
                    value={form.name}
                    choices={newest.map(({ name, title }) => [name, title[language]])}
                    onChoose={(form) => {
                      setEvidence(NO_EVIDENCE)
                      change({ form })
                    }}
                  />
                  {mine === true ? (
                    <p role="status">{texts.refusals['ALREADY_EVALUATED']}</p>
                  ) : (
                    <JudgeForm
                      key={`${form.name} ${form.version}`}
                      client={client}
                      conversationId={id}
                      form={form}
                      messages={messages}
                      evidence={evidence}
                      onEvidence={setEvidence}
                      onJudged={() => {
                        setEvidence(NO_EVIDENCE)
                        void evaluations.refetch()
                      }}
                    />
                  )}
                </section>
              )}
              <h2 className="hidden">{texts.evaluations}</h2>
              <Asked query={evaluations}>
                {(known) =>
                  known.map((one) => (
                    <EvaluationCard
                      key={one.id}
                      {...props}
                      evaluation={one}
                      onChanged={() => void evaluations.refetch()}
                    />
                  ))
                }
              </Asked>
            </div>
          </div>
        )
      }}
    </Asked>
  )
}

function newestForms(forms: readonly Form[]): readonly Form[] {
  const newest = new Map<string, Form>()
  for (const form of forms)
    if ((newest.get(form.name)?.version ?? 0) < form.version) newest.set(form.name, form)
  return [...newest.values()]
}

/** Nothing holds whoever writes an address to what can be decoded. */
function idIn(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1))
  } catch {
    return ''
  }
}

/** The browser looked for the message that the address names before there were any. */
function ToWhatWasNamed({ isThere }: { readonly isThere: boolean }) {
  useEffect(() => {
    const named = idIn(location.hash)
    if (isThere && named !== '') document.getElementById(named)?.focus()
  }, [isThere])
  return null
}

function Said({
  conversationId,
  message: { id, author, isFromApp, type, text, occurredAt, isNote, media, deletedAt },
  evidence: { item, byItem },
  onEvidence,
}: {
  readonly conversationId: string
  readonly message: Message
  readonly evidence: Evidence
  readonly onEvidence: (evidence: Evidence) => void
}) {
  const texts = useJudgingTexts()
  const desk = useTexts()
  const format = useFormat()
  const linked = item === undefined ? undefined : byItem.get(item.id)
  const isLinked = linked?.includes(id) === true
  const isEvidence = [...byItem.values()].some((ids) => ids.includes(id))
  return (
    <li id={id} tabIndex={-1} data-author={author.kind} data-evidence={isEvidence || undefined}>
      <p className="small">
        <b>
          <bdi>{author.name ?? desk.authors[authorShown(author.kind, isFromApp)]}</bdi>
        </b>{' '}
        {format.moment(occurredAt)} {isNote && <span className="tag">{texts.note}</span>}
        {isEvidence && <span className="tag">{texts.isEvidence}</span>}
      </p>
      <p className="words">
        {deletedAt != null ? (
          <i>{desk.bubble.deleted}</i>
        ) : (
          <bdi>{text ?? (media == null ? `(${type})` : '')}</bdi>
        )}{' '}
        {media != null && media.problem == null && (
          <a
            href={`/api/media/${encodeURIComponent(conversationId)}/${encodeURIComponent(id)}`}
            target="_blank"
            rel="noopener"
          >
            {texts.file}: {type}
          </a>
        )}
      </p>
      {item !== undefined && (
        <button
          type="button"
          className="plain"
          aria-pressed={isLinked}
          onClick={() => {
            const ids = isLinked ? (linked ?? []).filter((one) => one !== id) : [...(linked ?? []), id]
            onEvidence({ item, byItem: new Map(byItem).set(item.id, ids) })
          }}
        >
          {texts.isEvidence} {isLinked ? '✓' : '+'}
        </button>
      )}
    </li>
  )
}
