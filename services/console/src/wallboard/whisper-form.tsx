import { useState } from 'react'
import type { WallboardTexts } from './texts.ts'

interface WhisperFormProps {
  /** Who hears it. */
  readonly to: string
  readonly texts: WallboardTexts
  readonly onWhisper: (text: string) => Promise<unknown>
}

/** Whoever shows it takes it away once the whisper is said: what is refused is still there to be said otherwise. */
export function WhisperForm({ to, texts, onWhisper }: WhisperFormProps) {
  const [text, setText] = useState('')
  const [isSaying, setIsSaying] = useState(false)
  return (
    <form
      className="whisper-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() === '' || isSaying) return
        setIsSaying(true)
        void onWhisper(text).finally(() => setIsSaying(false))
      }}
    >
      <label>
        {texts.whisperTo(to)}
        <input
          autoFocus
          value={text}
          maxLength={4_096}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" className="strong">
        {texts.send}
      </button>
      <p className="small">{texts.whisperHint}</p>
    </form>
  )
}
