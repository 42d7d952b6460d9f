/** Two short tones. A browser lets a page sound only after somebody has touched it: until then this is silent. */
export class Chime {
  #context: AudioContext | undefined

  /** In answer to a touch. */
  async allow(): Promise<void> {
    this.#context ??= new AudioContext()
    await this.#context.resume()
  }

  async rest(): Promise<void> {
    await this.#context?.suspend()
  }

  sound(): void {
    const context = this.#context
    if (context === undefined || context.state !== 'running') return
    for (const [index, hertz] of [660, 880].entries()) {
      const tone = context.createOscillator()
      const loudness = context.createGain()
      const at = context.currentTime + index * 0.25
      tone.frequency.value = hertz
      loudness.gain.setValueAtTime(0.2, at)
      loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.22)
      tone.connect(loudness).connect(context.destination)
      tone.start(at)
      tone.stop(at + 0.25)
    }
  }
}
