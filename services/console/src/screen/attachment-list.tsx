import { useEffect, useMemo, useRef, useState } from 'react'
import { Refused, newKey } from '../api/client.ts'
import { type ReadyFile, judgeAttachment } from '../state/attachments.ts'
import { refusalText, useFormat, useSurroundings, useTexts, useWork } from './work.tsx'

interface Attachment {
  readonly key: string
  readonly name: string
  readonly bytes: number
  readonly state:
    | { readonly kind: 'uploading'; readonly share: number }
    | { readonly kind: 'ready'; readonly uploadId: string; readonly type: string }
  readonly stop: () => void
}

export interface Attachments {
  readonly all: readonly Attachment[]
  readonly ready: readonly ReadyFile[]
  readonly isUploading: boolean
  add(file: File): void
  remove(key: string): void
  clear(): void
}

/** Files on their way to the next message. What WhatsApp would not take is refused before a byte goes out. */
export function useAttachments(): Attachments {
  const { client } = useWork()
  const { texts, format, tell } = useSurroundings()
  const [all, setAll] = useState<readonly Attachment[]>([])
  const latest = useRef(all)
  latest.current = all
  useEffect(
    () => () => {
      for (const { stop } of latest.current) stop()
    },
    [],
  )
  const trouble = (text: string) => tell({ kind: 'trouble', text })
  const remove = (key: string) => setAll((before) => before.filter((each) => each.key !== key))
  const ready = useMemo(
    () =>
      all.flatMap(({ state, name }) =>
        state.kind === 'ready' ? [{ uploadId: state.uploadId, type: state.type, name }] : [],
      ),
    [all],
  )
  return {
    all,
    ready,
    isUploading: ready.length < all.length,
    add(file) {
      const verdict = judgeAttachment(file)
      if (!verdict.fits) {
        const { attachment } = texts
        if (verdict.reason === 'size')
          trouble(attachment.size(attachment.kinds[verdict.kind], format.bytes(verdict.bytesMax)))
        else trouble(attachment[verdict.reason](file.name))
        return
      }
      const key = newKey()
      const cut = new AbortController()
      const is = (state: Attachment['state']) =>
        setAll((before) => before.map((each) => (each.key === key ? { ...each, state } : each)))
      setAll((before) => [
        ...before,
        {
          key,
          name: file.name,
          bytes: file.size,
          state: { kind: 'uploading', share: 0 },
          stop: () => cut.abort(),
        },
      ])
      client
        .upload(file, file.name, key, (share) => is({ kind: 'uploading', share }), cut.signal)
        .then(({ uploadId = '', type = '' }) => is({ kind: 'ready', uploadId, type }))
        .catch((error: unknown) => {
          remove(key)
          if (cut.signal.aborted) return
          trouble(
            `${texts.attachment.failed(file.name)} ${error instanceof Refused ? refusalText(texts, error) : texts.unreachable}`,
          )
        })
    },
    remove(key) {
      all.find((each) => each.key === key)?.stop()
      remove(key)
    },
    clear: () => setAll([]),
  }
}

export function AttachmentList({ attachments }: { readonly attachments: Attachments }) {
  const texts = useTexts()
  const format = useFormat()
  if (attachments.all.length === 0) return null
  return (
    <ul className="attachments">
      {attachments.all.map(({ key, name, bytes, state }) => (
        <li key={key}>
          <bdi>{name}</bdi> <span className="small">{format.bytes(bytes)}</span>
          {state.kind === 'uploading' ? (
            <>
              <progress max={1} value={state.share} aria-label={name} />
              <span className="small">{texts.attachment.uploading(format.percent(state.share))}</span>
            </>
          ) : (
            <span className="small">{texts.attachment.ready}</span>
          )}
          <button
            type="button"
            className="plain"
            aria-label={`${texts.composer.remove}: ${name}`}
            onClick={() => attachments.remove(key)}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  )
}
