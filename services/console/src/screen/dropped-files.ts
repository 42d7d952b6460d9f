import { useEffect } from 'react'
import type { ComposerHandle } from './composer.tsx'
import { useSurroundings } from './work.tsx'

/** A file that is dropped anywhere goes to the next reply, or the person is told that it cannot: the browser would open it in place of the desk. */
export function useDrops(composer: React.RefObject<ComposerHandle | null>): void {
  const { texts, tell } = useSurroundings()
  useEffect(() => {
    const taken = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return
      event.preventDefault()
      if (event.type !== 'drop') return
      if (composer.current === null) tell({ kind: 'trouble', text: texts.attachment.notHere })
      else composer.current.attach(event.dataTransfer.files)
    }
    window.addEventListener('dragover', taken)
    window.addEventListener('drop', taken)
    return () => {
      window.removeEventListener('dragover', taken)
      window.removeEventListener('drop', taken)
    }
  }, [composer, texts, tell])
}
