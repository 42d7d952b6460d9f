/** As much of a browser as a sign-in needs: cookies, redirects, a form. Cookies go by the host's name, whatever the port, as in browsers. */
export class Browser {
  readonly cookies = new Map<string, string>()
  /** Where the last redirect led. */
  url = ''

  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#follow(new URL(url), { headers })
  }

  /** One request, its redirect not followed. */
  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  /** The page's form, sent with these fields. @returns what stands at the end of the redirects */
  async submit(page: Response, fields: Readonly<Record<string, string>>): Promise<Response> {
    const action = /<form method="post" action="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    return this.#follow(new URL(action, this.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })
  }

  /** Through the provider's form, to wherever it leads. */
  async signIn(consoleUrl: string, login: string, password: string, returnTo = '/'): Promise<Response> {
    const form = await this.get(`${consoleUrl}/sign-in?returnTo=${encodeURIComponent(returnTo)}`)
    return this.submit(form, { login, password })
  }

  async #follow(first: URL, init: RequestInit): Promise<Response> {
    let url = first
    let answer = await this.ask(url.href, init)
    for (let hops = 0; hops < 10; hops += 1) {
      this.url = url.href
      const location = answer.headers.get('location')
      if (location === null) return answer
      url = new URL(location, url)
      answer = await this.ask(url.href)
    }
    throw new Error('The redirects do not end.')
  }
}
