import { useEffect, useRef, useState } from 'react'
import { useTexts } from './work.tsx'

const OPUS = 'audio/ogg; codecs=opus'

interface VoiceButtonProps {
  readonly isDisabled: boolean
  readonly onRecorded: (file: File) => void
  readonly onTrouble: (text: string) => void
}

/** Records what is said until it is pressed again, and gives it as a file. */
export function VoiceButton({ isDisabled, onRecorded, onTrouble }: VoiceButtonProps) {
  const texts = useTexts()
  const [recorder, setRecorder] = useState<MediaRecorder>()
  useEffect(() => () => recorder?.stop(), [recorder])
  /** The browser asks the person for the microphone, once: whoever is elsewhere by the time they say yes is not listened to. */
  const asking = useRef<AbortController>(undefined)
  useEffect(() => () => asking.current?.abort(), [])
  const begin = async () => {
    if (typeof MediaRecorder === 'undefined' || !MediaRecorder.isTypeSupported(OPUS))
      return onTrouble(texts.attachment.noOpus)
    if (asking.current !== undefined) return
    const { signal } = (asking.current = new AbortController())
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
      if (signal.aborted) return stream.getTracks().forEach((track) => track.stop())
      const begun = new MediaRecorder(stream, { mimeType: OPUS })
      const parts: Blob[] = []
      begun.addEventListener('dataavailable', ({ data }) => parts.push(data))
      begun.addEventListener('stop', () => {
        for (const track of stream.getTracks()) track.stop()
        onRecorded(new File(parts, 'voice.ogg', { type: OPUS }))
      })
      begun.start()
      setRecorder(begun)
    } catch {
      if (!signal.aborted) onTrouble(texts.attachment.noMicrophone)
    } finally {
      asking.current = undefined
    }
  }
  return (
    <button
      type="button"
      className="plain"
      // Whose conversation was taken from them meanwhile can still end it.
      disabled={isDisabled && recorder === undefined}
      aria-pressed={recorder !== undefined}
      onClick={() => (recorder === undefined ? void begin() : setRecorder(undefined))}
    >
      {recorder === undefined ? texts.composer.record : texts.composer.stopRecording}
    </button>
  )
}
