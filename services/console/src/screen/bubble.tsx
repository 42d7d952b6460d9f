import { useRef, useState } from 'react'
import type { Message } from '../api/shapes.ts'
import { captionOf } from '../state/thread.ts'
import { useFormat, useTexts } from './work.tsx'

interface BubbleProps {
  readonly message: Message
  readonly conversationId: string
  /** 0 while this is the thread's current message: the thread is one stop of the Tab key. */
  readonly tab: 0 | -1
  /** What it answers, where that is known here. */
  readonly answered: Message | undefined
  readonly jump: (id: string) => void
  /** What the customer took of this message's choices. */
  readonly takenId: string | undefined
}

/** What was said, by its kind. */
export function BubbleContent(props: BubbleProps) {
  const texts = useTexts()
  const format = useFormat()
  const { message, tab } = props
  const { deletedAt, edits = [], reactions = [] } = message
  return (
    <>
      {message.replyTo != null && <Quote {...props} repliedTo={message.replyTo} />}
      {deletedAt != null && (
        <p className="deleted">
          {texts.bubble.deleted} <time dateTime={deletedAt}>{format.clock(deletedAt)}</time>
        </p>
      )}
      {deletedAt != null && message.text !== null && <p className="was">{texts.bubble.was}</p>}
      {(deletedAt == null || message.text !== null) && <Content {...props} />}
      {edits.length > 0 && (
        <details className="edits">
          <summary tabIndex={tab}>
            {texts.bubble.edited} · {texts.bubble.history}
          </summary>
          <ol>
            {edits.map(({ text, at }) => (
              <li key={at}>
                <time dateTime={at}>{format.moment(at)}</time> <Words text={text} />
              </li>
            ))}
          </ol>
        </details>
      )}
      {reactions.length > 0 && (
        <ul className="reactions">
          {reactions.map(({ emoji, by }) => (
            <li key={`${by} ${emoji}`} title={by}>
              <span className="hidden">{texts.bubble.reaction}: </span>
              {emoji}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Content(props: BubbleProps) {
  const texts = useTexts()
  const { message, tab, takenId } = props
  switch (message.type) {
    case 'text':
    case 'note':
    case 'form_reply':
    case 'order':
      return <Words text={message.text ?? ''} />
    case 'image':
    case 'sticker':
    case 'audio':
    case 'video':
    case 'document':
      // One that could not be shown while it was on its way is another one once it is there.
      return <MediaContent key={message.media?.mimeType} {...props} />
    case 'location': {
      const { location } = message
      if (location == null) return <Unsupported type={message.type} text={message.text} />
      const { latitude, longitude, name, address } = location
      const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
      return (
        <div className="piece">
          <p>
            📍 <b>{texts.bubble.location}</b> <bdi>{name}</bdi>
          </p>
          {address != null && <p dir="auto">{address}</p>}
          <a
            href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`}
            target="_blank"
            rel="noreferrer"
            tabIndex={tab}
          >
            {texts.bubble.onMap}
          </a>
          <p className="small">{place}</p>
        </div>
      )
    }
    case 'contacts':
      return (
        <ul className="piece">
          {(message.contacts ?? []).map(({ name, phones }) => (
            <li key={`${name} ${phones.join()}`}>
              👤{' '}
              <b>
                <bdi>{name || texts.bubble.contact}</bdi>
              </b>{' '}
              <bdi>{phones.join(', ')}</bdi>
            </li>
          ))}
        </ul>
      )
    case 'buttons':
    case 'list':
    case 'link':
      return (
        <div className="piece">
          <Words text={message.text ?? ''} />
          <p className="small">{texts.bubble.shown}</p>
          <ul className="choices">
            {(message.choices ?? []).map(({ id, title, description }) => (
              <li key={id} data-chosen={id === takenId}>
                {id === takenId && <span className="small">{texts.bubble.tapped}: </span>}
                {title}
                {description !== undefined && <span className="small"> {description}</span>}
              </li>
            ))}
          </ul>
        </div>
      )
    case 'choice':
      return (
        <p>
          <span className="small">{texts.bubble.chose}: </span>
          {message.text}
        </p>
      )
    case 'template':
      return (
        <div className="piece">
          <p className="small">{texts.bubble.template}</p>
          <Words text={message.text ?? ''} />
        </div>
      )
    case 'reaction':
      return (
        <p>
          <span className="small">{texts.bubble.reaction}: </span>
          {message.text}
        </p>
      )
    default:
      return <Unsupported type={message.type} text={message.text} />
  }
}

/** As it was written: a line break is part of what was said. */
function Words({ text }: { readonly text: string }) {
  return (
    <p className="words" dir="auto">
      {text}
    </p>
  )
}

function Unsupported({ type, text }: { readonly type: string; readonly text: string | null }) {
  const texts = useTexts()
  return (
    <div className="piece unsupported">
      <p>{texts.bubble.unsupported}</p>
      <p className="small">
        <code>{texts.bubble.rawType(type)}</code>
      </p>
      {text !== null && <Words text={text} />}
    </div>
  )
}

const SPEEDS = [1, 1.5, 2]

function MediaContent({ message, conversationId, tab }: BubbleProps) {
  const texts = useTexts()
  const format = useFormat()
  const [speed, setSpeed] = useState(1)
  const [isBroken, setIsBroken] = useState(false)
  const sound = useRef<HTMLAudioElement>(null)
  const { media } = message
  const url = `/api/media/${encodeURIComponent(conversationId)}/${encodeURIComponent(message.id)}`
  const kind = texts.bubble[message.type as 'image' | 'sticker' | 'audio' | 'video' | 'document']
  const name = media?.fileName ?? kind
  const size = media?.bytes == null ? '' : format.bytes(media.bytes)
  const caption = captionOf(message)
  const reason = media?.problem ?? undefined
  const problem =
    reason === undefined
      ? isBroken
        ? texts.bubble.noFile
        : undefined
      : (texts.bubble.problems[reason] ?? `${texts.bubble.noFile} (${reason})`)
  // What the robot sends by a link is never fetched.
  const isOnItsWay = media?.mimeType === null && message.author.kind !== 'bot'
  const broken = () => setIsBroken(true)
  return (
    <figure className="media">
      {problem !== undefined ? (
        <p className="no-file">
          <b>{kind}</b> {problem}
        </p>
      ) : isOnItsWay ? (
        <p className="no-file">
          <b>{kind}</b> {texts.bubble.onItsWay}
        </p>
      ) : message.type === 'image' || message.type === 'sticker' ? (
        <a
          href={url}
          target="_blank"
          rel="noreferrer"
          tabIndex={tab}
          aria-label={`${texts.bubble.open}: ${name}`}
        >
          <img src={url} alt={caption ?? kind} loading="lazy" data-kind={message.type} onError={broken} />
        </a>
      ) : message.type === 'audio' ? (
        <div className="sound">
          <audio
            ref={sound}
            src={url}
            controls
            preload="none"
            tabIndex={tab}
            aria-label={kind}
            onError={broken}
          />
          <button
            type="button"
            className="plain"
            tabIndex={tab}
            aria-label={texts.bubble.speed(`${format.number(speed)}×`)}
            onClick={() => {
              const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1
              setSpeed(next)
              if (sound.current) sound.current.playbackRate = next
            }}
          >
            {format.number(speed)}×
          </button>
        </div>
      ) : message.type === 'video' ? (
        <video src={url} controls preload="none" tabIndex={tab} aria-label={kind} onError={broken} />
      ) : (
        <a href={url} download tabIndex={tab}>
          📄 <bdi>{name}</bdi> <span className="small">{size}</span>
        </a>
      )}
      {caption !== null && (
        <figcaption>
          <Words text={caption} />
        </figcaption>
      )}
    </figure>
  )
}

function Quote({ repliedTo, answered, jump, tab }: BubbleProps & { readonly repliedTo: string }) {
  const texts = useTexts()
  return (
    <button
      type="button"
      className="quote"
      tabIndex={tab}
      disabled={answered === undefined}
      title={texts.bubble.goThere}
      onClick={() => jump(repliedTo)}
    >
      <span className="small">{texts.bubble.replyTo}</span>{' '}
      <bdi>{answered === undefined ? texts.bubble.notLoaded : (answered.text ?? answered.type)}</bdi>
    </button>
  )
}
