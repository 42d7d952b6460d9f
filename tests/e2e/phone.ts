import type { Browser, Page } from 'playwright-core'

/** One customer's phone: the page of the simulator, steered as a person would. */
export class Phone {
  readonly page: Page
  private constructor(page: Page) {
    this.page = page
  }

  static async open(
    browser: Browser,
    phoneUrl: string,
    waId: string,
    name = 'Larissa Pinto',
  ): Promise<Phone> {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'pt-BR' })
    const page = await context.newPage()
    await page.goto(`${phoneUrl}?waId=${waId}&name=${encodeURIComponent(name)}`)
    return new Phone(page)
  }

  async say(text: string): Promise<void> {
    await this.page.getByTestId('composer').fill(text)
    await this.page.getByTestId('composer').press('Enter')
  }

  /** Waits until so many messages have come from the company. */
  async heard(count: number): Promise<void> {
    await this.page
      .locator('[data-testid=message][data-direction=in]')
      .nth(count - 1)
      .waitFor({ timeout: 30_000 })
  }

  /** Taps an offer: a button under the message, or a row of the list behind its button. */
  async choose(title: string): Promise<void> {
    const button = this.page.getByTestId('reply-button').filter({ hasText: title })
    if ((await button.count()) > 0) return button.last().click()
    await this.page.getByTestId('list-open').last().click()
    return this.page.getByTestId('list-row').filter({ hasText: title }).click()
  }

  /** Provider ids of what this customer wrote, in order. */
  async wrote(): Promise<string[]> {
    return this.page
      .locator('[data-testid=message][data-direction=out]')
      .evaluateAll((bubbles) => bubbles.map((bubble) => bubble.dataset['id'] ?? ''))
  }

  /** The lost-card conversation of docs/guides/writing-flows.md, from "oi" to the link: its address. */
  async reportLostCard(): Promise<string> {
    await this.say('oi')
    await this.heard(3)
    await this.choose('Perdi meu cartão')
    for (const [heardBefore, words] of [
      [4, '529.982.247-25'],
      [5, '4321'],
      [6, '20/11/2026'],
      [7, 'No mercado perto de casa'],
    ] as const) {
      await this.heard(heardBefore)
      await this.say(words)
    }
    await this.heard(8)
    await this.choose('Confirmar')
    const link = this.page.getByTestId('link-button')
    await link.waitFor({ timeout: 30_000 })
    const href = await link.getAttribute('href')
    if (href === null) throw new Error('The link button has no address.')
    return href
  }
}
