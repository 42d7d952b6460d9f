import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Row, View } from '../api/shapes.ts'
import { useFormat, useTexts, useWork } from './work.tsx'

/** Who it is, and what is known of the conversation. */
export function CustomerCard({ row, view }: { readonly row: Row; readonly view: View }) {
  const work = useWork()
  const { desk } = work
  const texts = useTexts()
  const format = useFormat()
  const { contact, stage, queue, owner, openedAt, waitingSince, closedAt, closeReason, continues } = row
  const { data: customer } = useQuery({
    queryKey: ['customer', row.id, desk.epoch],
    queryFn: () => work.readCustomer(row.id),
  })
  const earlier = [...desk.rows()].filter(
    (other) => other.contact.id === contact.id && other.id !== row.id && other.lastMessage !== undefined,
  )
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    [texts.card.number, customer?.number && `+${customer.number}`],
    [texts.card.username, customer?.username],
    [texts.card.id, contact.id],
    [
      texts.card.language,
      contact.language === null
        ? texts.card.unknownLanguage
        : (texts.languages[contact.language] ?? contact.language),
    ],
    [texts.card.why, row.why && (texts.card.handoverReasons[row.why] ?? row.why)],
    [texts.card.stage, row.isOnHold === true ? texts.onHold : texts.stages[stage]],
    [texts.card.queue, queue],
    [texts.card.owner, owner?.name],
    [texts.card.opened, format.moment(openedAt)],
    [texts.card.waiting, waitingSince && format.moment(waitingSince)],
    [texts.card.closed, closedAt && format.moment(closedAt)],
    [texts.card.reason, closeReason?.replaceAll('_', ' ')],
  ]
  return (
    <div className="card">
      <p className="card-name">
        <bdi>{contact.name || texts.noName}</bdi>
      </p>
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
      <p className="privacy">{texts.thread.privacy}</p>
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
    </div>
  )
}
