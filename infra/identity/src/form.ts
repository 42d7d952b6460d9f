const LANGUAGES = ['pt', 'en', 'bn'] as const
type Language = (typeof LANGUAGES)[number]

const TEXTS: Readonly<
  Record<Language, Readonly<Record<'title' | 'login' | 'password' | 'send' | 'wrong' | 'gone', string>>>
> = {
  pt: {
    title: 'Entrar no Parley',
    login: 'Usuário',
    password: 'Senha',
    send: 'Entrar',
    wrong: 'Usuário ou senha não conferem.',
    gone: 'Esta entrada expirou. Volte ao console e comece de novo.',
  },
  en: {
    title: 'Sign in to Parley',
    login: 'Login',
    password: 'Password',
    send: 'Sign in',
    wrong: 'Login or password is wrong.',
    gone: 'This sign-in has expired. Go back to the console and begin again.',
  },
  bn: {
    title: 'Parley-তে প্রবেশ করুন',
    login: 'লগইন',
    password: 'পাসওয়ার্ড',
    send: 'প্রবেশ করুন',
    wrong: 'লগইন বা পাসওয়ার্ড ঠিক নয়।',
    gone: 'এই প্রবেশের সময় শেষ। কনসোলে ফিরে গিয়ে আবার শুরু করুন।',
  },
}

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
    --page: light-dark(#f4f7f5, #0c1316); --card: light-dark(#fff, #151f24); --ink: light-dark(#14201b, #e8eef0);
    --line: light-dark(#8a978f, #5c717c); --accent: light-dark(#0b5d4b, #4fd6a9); --on-accent: light-dark(#fff, #06231b);
    --wrong: light-dark(#8c1d18, #ffb4ab); }
  body { margin: 0; background: var(--page); color: var(--ink); display: grid; place-items: center; min-height: 100vh; }
  main { background: var(--card); padding: 24px; border-radius: 12px; width: min(22rem, calc(100vw - 32px)); box-sizing: border-box; }
  h1 { font-size: 1.3rem; margin: 0 0 16px; }
  label { display: block; margin-top: 12px; }
  input, button { font: inherit; width: 100%; box-sizing: border-box; padding: 10px; border-radius: 8px; border: 1px solid var(--line);
    background: var(--page); color: inherit; }
  button { margin-top: 20px; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
  :focus-visible { outline: 3px solid light-dark(#0b5fd1, #8ec5ff); outline-offset: 2px; }
  p { color: var(--wrong); margin: 0; }
`

/** A whole page: the form, or that the sign-in is gone. @param wrong after a login or password that did not fit: the same for both */
export function formPage(
  acceptLanguage: string | undefined,
  state: { readonly action: string; readonly wrong: boolean } | 'gone',
): string {
  const language = languageOf(acceptLanguage)
  const texts = TEXTS[language]
  const body =
    state === 'gone'
      ? `<p>${texts.gone}</p>`
      : `${state.wrong ? `<p role="alert">${texts.wrong}</p>` : ''}
<form method="post" action="${state.action}">
<label for="login">${texts.login}</label>
<input id="login" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">${texts.send}</button>
</form>`
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${texts.title}</title><style>${STYLE}</style></head>
<body><main><h1>${texts.title}</h1>${body}</main></body>
</html>
`
}

function languageOf(acceptLanguage = ''): Language {
  const wanted = acceptLanguage.split(',').map((part) => part.trim().slice(0, 2).toLowerCase())
  return wanted.flatMap((word) => LANGUAGES.filter((language) => language === word))[0] ?? 'en'
}
