import { Refused } from '../api/client.ts'
import { judgeAttachment } from '../state/attachments.ts'
import { useFormat, useSurroundings, useTexts, useWork } from './work.tsx'
import { refusalText } from '../state/refusal-text.ts'

/** Adds a file to the next message of a conversation. What WhatsApp would not take is refused before a byte goes out. */
export function useAttaching(conversationId: string): (file: File) => void {
  const { attached } = useWork()
  const { texts, format, tell } = useSurroundings()
  const trouble = (text: string) => tell({ kind: 'trouble', text })
  return (file) => {
    const verdict = judgeAttachment(file)
    if (!verdict.fits) {
      const { attachment } = texts
      if (verdict.reason === 'size')
        trouble(attachment.size(attachment.kinds[verdict.kind], format.bytes(verdict.bytesMax)))
      else trouble(attachment[verdict.reason](file.name))
      return
    }
    attached
      .add(conversationId, file)
      .catch((error: unknown) =>
        trouble(
          `${texts.attachment.failed(file.name)} ${error instanceof Refused ? refusalText(texts, error) : texts.unreachable}`,
        ),
      )
  }
}

export function AttachmentList({ conversationId }: { readonly conversationId: string }) {
  const { attached } = useWork()
  const texts = useTexts()
  const format = useFormat()
  const files = attached.of(conversationId)
  if (files.length === 0) return null
  return (
    <ul className="attachments">
      {files.map(({ key, name, bytes, state }) => (
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
            onClick={() => attached.remove(conversationId, key)}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  )
}
