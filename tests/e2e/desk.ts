import type { Browser, Page } from 'playwright-core'

/** What the desk says in each of its languages, as far as a shift needs it. */
export const WORDS = {
  'pt-BR': {
    available: 'Disponível',
    offline: 'Desconectado',
    note: 'Nota para quem assumir',
    transfer: 'Transferir',
  },
  'en-GB': {
    available: 'Available',
    offline: 'Offline',
    note: 'Note for whoever takes it',
    transfer: 'Transfer',
  },
  'bn-BD': { available: 'উপলব্ধ', offline: 'অফলাইন', note: 'যিনি নেবেন তাঁর জন্য নোট', transfer: 'হস্তান্তর' },
} as const
export type DeskLocale = keyof typeof WORDS

interface SignIn {
  readonly login: string
  readonly password: string
}

/** One agent's desk, steered by the keyboard as a person would. */
export class AgentDesk {
  readonly page: Page
  /** What the page complained of. */
  readonly complaints: string[] = []
  readonly #words: (typeof WORDS)[DeskLocale]

  private constructor(page: Page, locale: DeskLocale) {
    this.page = page
    this.#words = WORDS[locale]
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()))
  }

  /** Signed in by the form, and available. */
  static async open(
    browser: Browser,
    consoleUrl: string,
    locale: DeskLocale,
    { login, password }: SignIn,
  ): Promise<AgentDesk> {
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } })
    const desk = new AgentDesk(await context.newPage(), locale)
    const { page } = desk
    await page.goto(`${consoleUrl}/desk`)
    await page.locator('[name=login]').fill(login)
    await page.locator('[name=password]').fill(password)
    await page.locator('[name=password]').press('Enter')
    await page.locator('[data-line=live]').waitFor()
    await page.keyboard.press('s')
    await page.getByRole('option', { name: desk.#words.available }).first().click()
    await page.locator('.presence[data-status=available]').waitFor()
    return desk
  }

  get rows() {
    return this.page.locator('.row')
  }

  said(text: string) {
    return this.page.getByRole('log').getByText(text, { exact: true })
  }

  noted(text: string) {
    return this.page.locator('[data-note=true]').getByText(text, { exact: true })
  }

  /** Takes the first of what is offered, with nothing in focus. */
  async accept(): Promise<void> {
    await this.page.getByRole('article').first().waitFor()
    await this.page.keyboard.press('Enter')
    await this.page.locator('.composer').waitFor()
  }

  /** Writes to the customer, or to colleagues, and leaves the field. */
  async write(key: 'r' | 'n', text: string): Promise<void> {
    await this.page.keyboard.press(key)
    await this.page.keyboard.type(text)
    await this.page.keyboard.press('Enter')
    await this.page.keyboard.press('Escape')
  }

  async transfer(to: string, note: string): Promise<void> {
    await this.page.keyboard.press('t')
    await this.page.keyboard.type(to)
    await this.page.getByRole('option', { name: new RegExp(to, 'i') }).waitFor()
    await this.page.keyboard.press('Enter')
    await this.page.getByRole('textbox', { name: this.#words.note }).fill(note)
    await this.page.getByRole('dialog').getByRole('button', { name: this.#words.transfer }).click()
  }

  /** With the first of the queue's reasons. */
  async close(): Promise<void> {
    await this.page.keyboard.press('e')
    await this.page.getByRole('dialog').getByRole('option').first().waitFor()
    await this.page.keyboard.press('Enter')
  }

  /** Goes home: nothing more is offered here. */
  async leave(): Promise<void> {
    await this.page.keyboard.press('s')
    await this.page.getByRole('option', { name: this.#words.offline }).first().click()
    await this.page.locator('.presence[data-status=offline]').waitFor()
    await this.page.context().close()
  }

  /** As it is now: light, dark, and as wide as a phone. */
  async pictures(directory: string): Promise<void> {
    const { page } = this
    await page.mouse.move(0, 0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${directory}/desk-${colorScheme}.png` })
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 360, height: 740 })
    await page.screenshot({ path: `${directory}/desk-phone.png` })
    await page.setViewportSize({ width: 1280, height: 800 })
  }
}
