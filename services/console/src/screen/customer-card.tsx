import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Customer, Row, View } from '../api/shapes.ts'
import { LANGUAGES } from '../state/written-language.ts'
import { isOwnedBy, useAct, useCalled, useFormat, useReveal, useTexts, useWork } from './work.tsx'

interface CardProps {
  readonly row: Row
  readonly view: View
  /** Absent: nobody may begin a conversation with this customer now. */
  readonly onBegin: (() => void) | undefined
}

/** Who it is, and what is known of the conversation. */
export function CustomerCard({ row, view, onBegin }: CardProps) {
  const work = useWork()
  const { desk } = work
  const texts = useTexts()
  const format = useFormat()
  const called = useCalled(work.me.names)
  const { contact, stage, queue, owner, openedAt, waitingSince, closedAt, closeReason, continues } = row
  const { data: customer, refetch } = useQuery({
    queryKey: ['customer', row.id, desk.epoch, stage, contact.name, contact.language],
    queryFn: () => work.readCustomer(row),
    placeholderData: (before) => before,
    // A colleague may have blocked whom nothing is open with: no desk is told of that.
    refetchOnWindowFocus: true,
  })
  // The robot learns with each answer, and a notice that is still to be shown is shown where nothing else changes.
  const isToCome = stage === 'with_robot' || customer?.notice == null
  const readAt = useRef(row.version)
  useEffect(() => {
    if (readAt.current === row.version) return
    readAt.current = row.version
    if (isToCome) void refetch()
  }, [row.version, isToCome, refetch])
  const earlier = desk.othersOf(row).filter(({ lastMessage }) => lastMessage !== undefined)
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    [texts.card.number, customer?.number && `+${customer.number}`],
    [texts.card.username, customer?.username],
    [texts.card.id, contact.id],
    [texts.card.why, row.why && (texts.card.handoverReasons[row.why] ?? row.why)],
    [texts.card.stage, row.isOnHold === true ? texts.onHold : texts.stages[stage]],
    [texts.card.queue, queue && called('queues', queue)],
    [texts.card.owner, owner?.kind === 'queue' ? called('queues', owner.name) : owner?.name],
    [texts.card.opened, format.moment(openedAt)],
    [texts.card.waiting, waitingSince && format.moment(waitingSince)],
    [texts.card.closed, closedAt && format.moment(closedAt)],
    [texts.card.reason, closeReason && called('closeReasons', closeReason)],
  ]
  return (
    <div className="card">
      <p className="card-name">
        <bdi>{contact.name || texts.noName}</bdi>
      </p>
      {customer?.optedOutAt != null && (
        <p className="warning">{texts.card.optedOut(format.moment(customer.optedOutAt))}</p>
      )}
      {customer?.blockedAt != null && (
        <p className="warning">{texts.card.blocked(format.moment(customer.blockedAt))}</p>
      )}
      <dl>
        {facts.map(
          ([name, value]) =>
            value != null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd dir="auto">{value}</dd>
              </div>
            ),
        )}
      </dl>
      <LanguageChoice row={row} language={customer?.language ?? contact.language} />
      {customer !== undefined && <Learnt row={row} customer={customer} />}
      <h3>{texts.card.privacy}</h3>
      <p className="privacy">
        {texts.thread.handledBy} {texts.thread.privacy}
      </p>
      {customer?.notice != null && (
        <>
          <p>{texts.card.noticeShown(format.moment(customer.notice.shownAt))}</p>
          <ul>
            {customer.notice.processors.map((processor) => (
              <li key={processor} dir="auto">
                {processorText(texts, processor)}
              </li>
            ))}
          </ul>
        </>
      )}
      {customer !== undefined && customer.notice == null && <p>{texts.card.noNotice}</p>}
      <h3>{texts.card.earlier}</h3>
      {earlier.length === 0 && continues == null && <p className="quiet">{texts.card.noEarlier}</p>}
      <ul>
        {continues != null && (
          <li>
            <Link to="/$view/$conversationId" params={{ view, conversationId: continues }}>
              {texts.card.continues}
            </Link>
          </li>
        )}
        {earlier.map(({ id, openedAt, stage }) => (
          <li key={id}>
            <Link to="/$view/$conversationId" params={{ view, conversationId: id }}>
              {format.moment(openedAt)} · {texts.stages[stage]}
            </Link>
          </li>
        ))}
      </ul>
      {onBegin !== undefined && (
        <p>
          <button type="button" className="plain" onClick={onBegin}>
            {texts.actions.begin}
          </button>
        </p>
      )}
      {customer !== undefined && <Block row={row} isBlocked={customer.blockedAt != null} />}
    </div>
  )
}

const pathOfContact = (contactId: string): string => `/api/contacts/${encodeURIComponent(contactId)}`

function LanguageChoice({ row, language }: { readonly row: Row; readonly language: string | null }) {
  const { me } = useWork()
  const texts = useTexts()
  const act = useAct()
  const queries = useQueryClient()
  const change = async (value: string) => {
    if (await act('PUT', `${pathOfContact(row.contact.id)}/language`, { language: value }))
      await queries.invalidateQueries({ queryKey: ['customer', row.id] })
  }
  const known = language === null ? texts.card.unknownLanguage : (texts.languages[language] ?? language)
  if (!me.permissions.includes('conversations.answer'))
    return (
      <p>
        {texts.card.language}: {known}
      </p>
    )
  return (
    <label className="language">
      {texts.card.language}
      <select value={language ?? ''} onChange={({ currentTarget: { value } }) => void change(value)}>
        {language === null && (
          <option value="" disabled>
            {known}
          </option>
        )}
        {LANGUAGES.map((each) => (
          <option key={each} value={each}>
            {texts.languages[each] ?? each}
          </option>
        ))}
      </select>
    </label>
  )
}

function Learnt({ row, customer: { learnt = [] } }: { readonly row: Row; readonly customer: Customer }) {
  const { me } = useWork()
  const texts = useTexts()
  const { reveal, revealed } = useReveal(row.id)
  const called = useCalled(me.names)
  const mayReveal = isOwnedBy(row, me.id) || me.permissions.includes('conversations.supervise')
  if (learnt.length === 0) return null
  return (
    <>
      <h3>{texts.card.learnt}</h3>
      <dl>
        {learnt.map(({ name, value }) => {
          const shown = value ?? revealed.get(name)
          const label = called('answers', name)
          return (
            <div key={name}>
              <dt>{label}</dt>
              <dd dir="auto">
                {shown ?? (
                  <>
                    <span aria-hidden="true">••••••</span>
                    <span className="hidden">{texts.masked}</span>{' '}
                    {mayReveal && (
                      <button
                        type="button"
                        className="plain"
                        aria-label={`${texts.reveal}: ${label}`}
                        onClick={() => reveal(name, { learnt: name })}
                      >
                        {texts.reveal}
                      </button>
                    )}
                  </>
                )}
              </dd>
            </div>
          )
        })}
      </dl>
    </>
  )
}

/** Asks once more before it blocks: the conversation closes with it. */
function Block({ row, isBlocked }: { readonly row: Row; readonly isBlocked: boolean }) {
  const { me } = useWork()
  const texts = useTexts()
  const act = useAct()
  const queries = useQueryClient()
  const [isAsked, setIsAsked] = useState(false)
  if (!me.permissions.includes('conversations.answer')) return null
  const change = async (what: 'block' | 'unblock', told: string) => {
    setIsAsked(false)
    if (await act('POST', `${pathOfContact(row.contact.id)}/${what}`, {}, told))
      await queries.invalidateQueries({ queryKey: ['customer', row.id] })
  }
  if (isBlocked)
    return (
      <p>
        <button type="button" className="plain" onClick={() => void change('unblock', texts.told.unblocked)}>
          {texts.card.unblock}
        </button>
      </p>
    )
  if (!isAsked)
    return (
      <p>
        <button type="button" className="plain" onClick={() => setIsAsked(true)}>
          {texts.card.block}
        </button>
      </p>
    )
  return (
    <div role="group" aria-label={texts.card.block}>
      <p className="warning">{texts.card.blockHint}</p>
      <p className="actions">
        <button
          type="button"
          className="strong"
          autoFocus
          onClick={() => void change('block', texts.told.blocked)}
        >
          {texts.card.block}
        </button>
        <button type="button" className="plain" onClick={() => setIsAsked(false)}>
          {texts.cancel}
        </button>
      </p>
    </div>
  )
}

/** @param processor `role: name`, as the notice named them */
function processorText(texts: ReturnType<typeof useTexts>, processor: string): string {
  const [, role, name] = /^(\w+): (.+)$/su.exec(processor) ?? []
  const { processors } = texts.card
  if (role === undefined || name === undefined || !Object.hasOwn(processors, role)) return processor
  return processors[role as keyof typeof processors](name)
}
