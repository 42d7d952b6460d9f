import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DayBounds, readDay, saysNoOneDay } from './day-reading.ts'
import { MONTHS, addDays, dayIn, showDay, weekdayOf, daysBetween } from './days.ts'
import type { Language } from './language.ts'

const TODAY = '2026-11-22'
const WEEKDAY_NAMES = ['domingo', 'segunda', 'terça-feira', 'quarta', 'quinta-feira', 'sexta', 'sábado']

describe('a day as customers write it', () => {
  test.each<[string, Language, string]>([
    ['hoje', 'pt', '2026-11-22'],
    ['Ontem!', 'pt', '2026-11-21'],
    ['anteontem', 'pt', '2026-11-20'],
    ['yesterday', 'en', '2026-11-21'],
    ['গতকাল', 'bn', '2026-11-21'],
    ['আজ', 'bn', '2026-11-22'],
    ['há 3 dias', 'pt', '2026-11-19'],
    ['2 days ago', 'en', '2026-11-20'],
    ['৩ দিন আগে', 'bn', '2026-11-19'],
    ['20/11/2026', 'pt', '2026-11-20'],
    ['20/11/26', 'pt', '2026-11-20'],
    ['20-11-2026', 'pt', '2026-11-20'],
    ['20.11.2026', 'pt', '2026-11-20'],
    ['২০/১১/২০২৬', 'bn', '2026-11-20'],
    ['2026-11-20', 'en', '2026-11-20'],
    ['20/11', 'pt', '2026-11-20'],
    ['24/12', 'pt', '2026-12-24'],
    ['29/02', 'pt', '2024-02-29'],
    ['20 de novembro', 'pt', '2026-11-20'],
    ['1º de março de 2026', 'pt', '2026-03-01'],
    ['20 nov 2026', 'pt', '2026-11-20'],
    ['November 20', 'en', '2026-11-20'],
    ['Nov. 20th, 2026', 'en', '2026-11-20'],
    ['the 20th of November', 'en', '2026-11-20'],
    ['২০ নভেম্বর ২০২৬', 'bn', '2026-11-20'],
    ['11/20/2026', 'en', '2026-11-20'],
    ['01/02/2026', 'en', '2026-02-01'],
    ['hj', 'pt', '2026-11-22'],
    ['ontem à tarde', 'pt', '2026-11-21'],
    ['foi ontem à noite', 'pt', '2026-11-21'],
    ['hoje às 10h', 'pt', '2026-11-22'],
    ['hoje, por volta das 10:30', 'pt', '2026-11-22'],
    ['hoje cedo', 'pt', '2026-11-22'],
    ['last night', 'en', '2026-11-21'],
    ['yesterday at 10 pm', 'en', '2026-11-21'],
    ['গতকাল রাতে', 'bn', '2026-11-21'],
    ['আজ সকাল ১০টায়', 'bn', '2026-11-22'],
    ['20 de novembro de 2026 às 10', 'pt', '2026-11-20'],
    ['20/11 às 10h30', 'pt', '2026-11-20'],
    ['segunda', 'pt', '2026-11-16'],
    ['Na segunda-feira passada', 'pt', '2026-11-16'],
    ['sábado à tarde', 'pt', '2026-11-21'],
    ['sexta que vem', 'pt', '2026-11-27'],
    ['domingo', 'pt', '2026-11-15'],
    ['sex', 'pt', '2026-11-20'],
    ['on Monday', 'en', '2026-11-16'],
    ['last Friday', 'en', '2026-11-20'],
    ['next Monday', 'en', '2026-11-23'],
    ['গত সোমবার', 'bn', '2026-11-16'],
    ['রোববার', 'bn', '2026-11-15'],
    ['গত রোববারে', 'bn', '2026-11-15'],
    ['গতকালকেই', 'bn', '2026-11-21'],
    ['আজকেই', 'bn', '2026-11-22'],
    ['এই মাত্র', 'bn', '2026-11-22'],
    ['কিছুক্ষন আগে', 'bn', '2026-11-22'],
    ['২ দিন হলো', 'bn', '2026-11-20'],
    ['গতকাল সন্ধ্যা সাতটায়', 'bn', '2026-11-21'],
    ['গতকাল হারিয়ে ফেলেছি', 'bn', '2026-11-21'],
    ['desde o dia 20', 'pt', '2026-11-20'],
    ['por volta do dia 20', 'pt', '2026-11-20'],
    ['quarta que passou', 'pt', '2026-11-18'],
    ['mês passado, dia 20', 'pt', '2026-10-20'],
    ['ontem meia noite', 'pt', '2026-11-21'],
    ['há 400 dias', 'pt', '2025-10-18'],
    ["it's been 2 days", 'en', '2026-11-20'],
    ['fortnight ago', 'en', '2026-11-08'],
    ['yesterday ~7pm', 'en', '2026-11-21'],
    ['last month on the 20th', 'en', '2026-10-20'],
    ['20112026', 'pt', '2026-11-20'],
    ['201126', 'pt', '2026-11-20'],
    ['20261120', 'pt', '2026-11-20'],
    ['２０／１１／２０２６', 'pt', '2026-11-20'],
    ['٢٠/١١/٢٠٢٦', 'pt', '2026-11-20'],
    ['20–11–2026', 'pt', '2026-11-20'],
    ['“20/11/2026”.', 'pt', '2026-11-20'],
    ['\u202d20/11/2026\u202c', 'pt', '2026-11-20'],
    ['20/nov/26', 'pt', '2026-11-20'],
    ['há dois dias', 'pt', '2026-11-20'],
    ['há uns 3 dias', 'pt', '2026-11-19'],
    ['2ª feira', 'pt', '2026-11-16'],
    ['3a-feira à noite', 'pt', '2026-11-17'],
    ['uma semana atrás', 'pt', '2026-11-15'],
    ['two days ago', 'en', '2026-11-20'],
    ['2 mas age', 'bn', '2026-09-22'],
    ['এক সপ্তাহ আগে', 'bn', '2026-11-15'],
    ['em 3 dias', 'pt', '2026-11-25'],
    ['dia 20', 'pt', '2026-11-20'],
    ['the 30th', 'en', '2026-10-30'],
    ['২০ তারিখ', 'bn', '2026-11-20'],
    ['sexta, 20/11', 'pt', '2026-11-20'],
    ['sexta 20/11', 'pt', '2026-11-20'],
    ['sexta-feira, 20/11/2026', 'pt', '2026-11-20'],
    ['20/11 (sexta)', 'pt', '2026-11-20'],
    ['20/11, sexta-feira', 'pt', '2026-11-20'],
    ['sexta dia 20', 'pt', '2026-11-20'],
    ['sexta, dia 20', 'pt', '2026-11-20'],
    ['sexta 20', 'pt', '2026-11-20'],
    ['sexta, 20 de novembro', 'pt', '2026-11-20'],
    ['sexta-feira, 20 de novembro de 2026', 'pt', '2026-11-20'],
    ['ontem, 21/11', 'pt', '2026-11-21'],
    ['ontem (21/11)', 'pt', '2026-11-21'],
    ['ontem, dia 21', 'pt', '2026-11-21'],
    ['hoje, 22/11/2026', 'pt', '2026-11-22'],
    ['ontem, sábado', 'pt', '2026-11-21'],
    ['hoje, domingo', 'pt', '2026-11-22'],
    ['há um mês', 'pt', '2026-10-22'],
    ['um mês atrás', 'pt', '2026-10-22'],
    ['faz um mês', 'pt', '2026-10-22'],
    ['há 2 meses', 'pt', '2026-09-22'],
    ['há dois meses', 'pt', '2026-09-22'],
    ['há uma semana', 'pt', '2026-11-15'],
    ['há quinze dias', 'pt', '2026-11-07'],
    ['15 dias atrás', 'pt', '2026-11-07'],
    ['faz 3 dias', 'pt', '2026-11-19'],
    ['tem 3 dias', 'pt', '2026-11-19'],
    ['há um ano', 'pt', '2025-11-22'],
    ['há cerca de 3 dias', 'pt', '2026-11-19'],
    ['dois dias atrás', 'pt', '2026-11-20'],
    ['ontem depois do almoço', 'pt', '2026-11-21'],
    ['hoje depois do almoço', 'pt', '2026-11-22'],
    ['hoje, antes do almoço', 'pt', '2026-11-22'],
    ['ontem na hora do almoço', 'pt', '2026-11-21'],
    ['ontem no almoço', 'pt', '2026-11-21'],
    ['ontem logo depois do jantar', 'pt', '2026-11-21'],
    ['anteontem à noite', 'pt', '2026-11-20'],
    ['foi anteontem de manhã', 'pt', '2026-11-20'],
    ['dia 20 de novembro', 'pt', '2026-11-20'],
    ['no dia 20 de novembro', 'pt', '2026-11-20'],
    ['em 20 de novembro de 2026', 'pt', '2026-11-20'],
    ['20 novembro', 'pt', '2026-11-20'],
    ['20nov', 'pt', '2026-11-20'],
    ['20nov2026', 'pt', '2026-11-20'],
    ['20 de nov.', 'pt', '2026-11-20'],
    ['20-nov-2026', 'pt', '2026-11-20'],
    ['20/nov', 'pt', '2026-11-20'],
    ['vinte de novembro', 'pt', '2026-11-20'],
    ['vinte e um de novembro', 'pt', '2026-11-21'],
    ['dia vinte', 'pt', '2026-11-20'],
    ['dia vinte e um', 'pt', '2026-11-21'],
    ['primeiro de novembro', 'pt', '2026-11-01'],
    ['1º de novembro', 'pt', '2026-11-01'],
    ['1o de nov', 'pt', '2026-11-01'],
    ['dia primeiro', 'pt', '2026-11-01'],
    ['dia 1º', 'pt', '2026-11-01'],
    ['20 de dezembro', 'pt', '2026-12-20'],
    ['20 de dezembro passado', 'pt', '2025-12-20'],
    ['20 de novembro que vem', 'pt', '2027-11-20'],
    ['dia 25 passado', 'pt', '2026-10-25'],
    ['dez de dezembro', 'pt', '2026-12-10'],
    ['20 dez', 'pt', '2026-12-20'],
    ['20 de novembro passado', 'pt', '2026-11-20'],
    ['20 de novembro do ano passado', 'pt', '2025-11-20'],
    ['20 de novembro deste ano', 'pt', '2026-11-20'],
    ['dia 20 do mês passado', 'pt', '2026-10-20'],
    ['dia 20 deste mês', 'pt', '2026-11-20'],
    ['sexta da semana passada', 'pt', '2026-11-20'],
    ['segunda da semana passada', 'pt', '2026-11-16'],
    ['sexta retrasada', 'pt', '2026-11-13'],
    ['sexta passada', 'pt', '2026-11-20'],
    ['última sexta', 'pt', '2026-11-20'],
    ['na última sexta-feira', 'pt', '2026-11-20'],
    ['sexta feira', 'pt', '2026-11-20'],
    ['nesta sexta', 'pt', '2026-11-20'],
    ['sexta agora', 'pt', '2026-11-20'],
    ['sexta à noite', 'pt', '2026-11-20'],
    ['sexta por volta das 22h', 'pt', '2026-11-20'],
    ['na sexta, lá pelas 10', 'pt', '2026-11-20'],
    ['no sábado de manhã', 'pt', '2026-11-21'],
    ['sabado', 'pt', '2026-11-21'],
    ['terca', 'pt', '2026-11-17'],
    ['acho que foi ontem', 'pt', '2026-11-21'],
    ['acho que ontem', 'pt', '2026-11-21'],
    ['perdi ontem', 'pt', '2026-11-21'],
    ['eu perdi ontem à noite', 'pt', '2026-11-21'],
    ['percebi hoje de manhã', 'pt', '2026-11-22'],
    ['percebi hoje cedo', 'pt', '2026-11-22'],
    ['aconteceu ontem', 'pt', '2026-11-21'],
    ['desde ontem', 'pt', '2026-11-21'],
    ['Bom dia, foi ontem', 'pt', '2026-11-21'],
    ['foi ontem, obrigado', 'pt', '2026-11-21'],
    ['na noite de ontem', 'pt', '2026-11-21'],
    ['na tarde de ontem', 'pt', '2026-11-21'],
    ['ontem às 10 da manhã', 'pt', '2026-11-21'],
    ['ontem às 3 da tarde', 'pt', '2026-11-21'],
    ['ontem às 15:30', 'pt', '2026-11-21'],
    ['ontem 15h30', 'pt', '2026-11-21'],
    ['ontem, entre 10h e 11h', 'pt', '2026-11-21'],
    ['ontem das 10 às 11h', 'pt', '2026-11-21'],
    ['às 10h de ontem', 'pt', '2026-11-21'],
    ['hoje às 9', 'pt', '2026-11-22'],
    ['hoje mais cedo', 'pt', '2026-11-22'],
    ['20/11/2026 14:30', 'pt', '2026-11-20'],
    ['20/11/2026 às 14h30min', 'pt', '2026-11-20'],
    ['20/11 14h', 'pt', '2026-11-20'],
    ['20 / 11 / 2026', 'pt', '2026-11-20'],
    ['20.11', 'pt', '2026-11-20'],
    ['20-11', 'pt', '2026-11-20'],
    ['20\\11\\2026', 'pt', '2026-11-20'],
    ['20,11,2026', 'pt', '2026-11-20'],
    ['2026/11/20', 'pt', '2026-11-20'],
    ['data: 20/11/2026', 'pt', '2026-11-20'],
    ['Data da perda: 20/11/2026', 'pt', '2026-11-20'],
    ['ontem 🙏', 'pt', '2026-11-21'],
    ['noite passada', 'pt', '2026-11-21'],
    ['hj de manha', 'pt', '2026-11-22'],
    ['hj cedo', 'pt', '2026-11-22'],
    ['agora pouco', 'pt', '2026-11-22'],
    ['agora mesmo', 'pt', '2026-11-22'],
    ['ante-ontem', 'pt', '2026-11-20'],
    ['Friday, 11/20', 'en', '2026-11-20'],
    ['Friday, Nov 20', 'en', '2026-11-20'],
    ['Fri Nov 20', 'en', '2026-11-20'],
    ['Friday the 20th', 'en', '2026-11-20'],
    ['Friday 20th November', 'en', '2026-11-20'],
    ['Friday, 20 November 2026', 'en', '2026-11-20'],
    ['Nov 20th', 'en', '2026-11-20'],
    ['Nov. 20', 'en', '2026-11-20'],
    ['November the 20th', 'en', '2026-11-20'],
    ['20th of November', 'en', '2026-11-20'],
    ['the 20th of Nov', 'en', '2026-11-20'],
    ['20th Nov 2026', 'en', '2026-11-20'],
    ['20 Nov', 'en', '2026-11-20'],
    ['November twentieth', 'en', '2026-11-20'],
    ['November twenty-first', 'en', '2026-11-21'],
    ['twenty first of November', 'en', '2026-11-21'],
    ['the 20th', 'en', '2026-11-20'],
    ['20th', 'en', '2026-11-20'],
    ['on the 20th', 'en', '2026-11-20'],
    ['a month ago', 'en', '2026-10-22'],
    ['two months ago', 'en', '2026-09-22'],
    ['about a month ago', 'en', '2026-10-22'],
    ['a week ago', 'en', '2026-11-15'],
    ['two weeks ago', 'en', '2026-11-08'],
    ['a fortnight ago', 'en', '2026-11-08'],
    ['a couple of days ago', 'en', '2026-11-20'],
    ['couple days ago', 'en', '2026-11-20'],
    ['3 days back', 'en', '2026-11-19'],
    ['a year ago', 'en', '2025-11-22'],
    ['last Friday night', 'en', '2026-11-20'],
    ['this past Friday', 'en', '2026-11-20'],
    ['Friday last week', 'en', '2026-11-20'],
    ['Friday of last week', 'en', '2026-11-20'],
    ['on Friday afternoon', 'en', '2026-11-20'],
    ['Friday around 3pm', 'en', '2026-11-20'],
    ['yesterday after lunch', 'en', '2026-11-21'],
    ['yesterday morning', 'en', '2026-11-21'],
    ['yesterday at noon', 'en', '2026-11-21'],
    ['yesterday at 10', 'en', '2026-11-21'],
    ["yesterday around 10 o'clock", 'en', '2026-11-21'],
    ['yesterday at 10:30 am', 'en', '2026-11-21'],
    ['yesterday evening', 'en', '2026-11-21'],
    ['this morning', 'en', '2026-11-22'],
    ['this morning at 9', 'en', '2026-11-22'],
    ['earlier today', 'en', '2026-11-22'],
    ['today at lunch', 'en', '2026-11-22'],
    ['day before yesterday', 'en', '2026-11-20'],
    ['the day before yesterday in the evening', 'en', '2026-11-20'],
    ['I lost it yesterday', 'en', '2026-11-21'],
    ['it was yesterday', 'en', '2026-11-21'],
    ['I think it was yesterday', 'en', '2026-11-21'],
    ['I noticed this morning', 'en', '2026-11-22'],
    ['since yesterday', 'en', '2026-11-21'],
    ['on the evening of Nov 20', 'en', '2026-11-20'],
    ['the night of the 20th', 'en', '2026-11-20'],
    ['the 20th of last month', 'en', '2026-10-20'],
    ['11/20', 'en', '2026-11-20'],
    ['20/11', 'en', '2026-11-20'],
    ['Nov 20, 2026', 'en', '2026-11-20'],
    ['Nov 20, 2026 at 3pm', 'en', '2026-11-20'],
    ['Hi, it was yesterday, thanks', 'en', '2026-11-21'],
    ['yesterday please', 'en', '2026-11-21'],
    ['sun', 'en', '2026-11-15'],
    ['গতকাল সন্ধ্যায়', 'bn', '2026-11-21'],
    ['গতকাল দুপুরের পর', 'bn', '2026-11-21'],
    ['গতকাল বিকেল ৫টায়', 'bn', '2026-11-21'],
    ['গতকাল রাত ১০টার দিকে', 'bn', '2026-11-21'],
    ['কাল', 'bn', '2026-11-21'],
    ['কালকে', 'bn', '2026-11-21'],
    ['পরশু', 'bn', '2026-11-20'],
    ['গত পরশু', 'bn', '2026-11-20'],
    ['আজ সকালে', 'bn', '2026-11-22'],
    ['আজকে সকালে', 'bn', '2026-11-22'],
    ['২০শে নভেম্বর', 'bn', '2026-11-20'],
    ['২০ শে নভেম্বর', 'bn', '2026-11-20'],
    ['১লা নভেম্বর', 'bn', '2026-11-01'],
    ['২রা নভেম্বর', 'bn', '2026-11-02'],
    ['৩রা নভেম্বর', 'bn', '2026-11-03'],
    ['৪ঠা নভেম্বর', 'bn', '2026-11-04'],
    ['৫ই নভেম্বর', 'bn', '2026-11-05'],
    ['১৯শে নভেম্বর ২০২৬', 'bn', '2026-11-19'],
    ['২০ই নভেম্বর', 'bn', '2026-11-20'],
    ['২০ নভেম্বর', 'bn', '2026-11-20'],
    ['২০ নভেম্বর, ২০২৬', 'bn', '2026-11-20'],
    ['নভেম্বর ২০', 'bn', '2026-11-20'],
    ['নভেম্বরের ২০ তারিখ', 'bn', '2026-11-20'],
    ['নভেম্বর মাসের ২০ তারিখ', 'bn', '2026-11-20'],
    ['২০ তারিখে', 'bn', '2026-11-20'],
    ['এই মাসের ২০ তারিখ', 'bn', '2026-11-20'],
    ['গত মাসের ২০ তারিখ', 'bn', '2026-10-20'],
    ['২০শে', 'bn', '2026-11-20'],
    ['জানুয়ারী ৫', 'bn', '2026-01-05'],
    ['৫ ফেব্রুয়ারী', 'bn', '2026-02-05'],
    ['১৫ আগষ্ট', 'bn', '2026-08-15'],
    ['১৫ অগাস্ট', 'bn', '2026-08-15'],
    ['শুক্রবার, ২০ নভেম্বর', 'bn', '2026-11-20'],
    ['শুক্রবার', 'bn', '2026-11-20'],
    ['শুক্রবারে', 'bn', '2026-11-20'],
    ['গত শুক্রবার', 'bn', '2026-11-20'],
    ['গত শুক্রবার রাতে', 'bn', '2026-11-20'],
    ['গত সপ্তাহের শুক্রবার', 'bn', '2026-11-20'],
    ['দুই দিন আগে', 'bn', '2026-11-20'],
    ['তিনদিন আগে', 'bn', '2026-11-19'],
    ['এক মাস আগে', 'bn', '2026-10-22'],
    ['১ মাস আগে', 'bn', '2026-10-22'],
    ['দুই সপ্তাহ আগে', 'bn', '2026-11-08'],
    ['বিশ নভেম্বর', 'bn', '2026-11-20'],
    ['পহেলা নভেম্বর', 'bn', '2026-11-01'],
    ['মনে হয় গতকাল', 'bn', '2026-11-21'],
    ['গতকাল হারিয়েছি', 'bn', '2026-11-21'],
    ['২০/১১/২০২৬ তারিখে', 'bn', '2026-11-20'],
    ['২০-১১-২৬', 'bn', '2026-11-20'],
    ['gotokal', 'bn', '2026-11-21'],
    ['na sexta', 'pt', '2026-11-20'],
    ['Foi na sexta-feira passada à noite', 'pt', '2026-11-20'],
    ['sexta de manhã cedo', 'pt', '2026-11-20'],
    ['sexta pela manhã', 'pt', '2026-11-20'],
    ['sexta no fim da tarde', 'pt', '2026-11-20'],
    ['sexta-feira 20/11/26', 'pt', '2026-11-20'],
    ['hoje mesmo', 'pt', '2026-11-22'],
    ['hoje à tarde, umas 15h', 'pt', '2026-11-22'],
    ['ontem umas 22h', 'pt', '2026-11-21'],
    ['ontem por volta de 22h', 'pt', '2026-11-21'],
    ['ontem perto do meio dia', 'pt', '2026-11-21'],
    ['ontem de madrugada', 'pt', '2026-11-21'],
    ['ontem bem cedo', 'pt', '2026-11-21'],
    ['ontem no final do dia', 'pt', '2026-11-21'],
    ['ontem no fim do dia', 'pt', '2026-11-21'],
    ['no dia de ontem', 'pt', '2026-11-21'],
    ['no dia de hoje', 'pt', '2026-11-22'],
    ['data de ontem', 'pt', '2026-11-21'],
    ['dia 20 agora', 'pt', '2026-11-20'],
    ['dia 20 passado', 'pt', '2026-11-20'],
    ['último dia 20', 'pt', '2026-11-20'],
    ['no último dia 20', 'pt', '2026-11-20'],
    ['20 do 11', 'pt', '2026-11-20'],
    ['20 do 11 de 2026', 'pt', '2026-11-20'],
    ['dia 20 do 11', 'pt', '2026-11-20'],
    ['20 do mês passado', 'pt', '2026-10-20'],
    ['20 deste mês', 'pt', '2026-11-20'],
    ['20 de outubro último', 'pt', '2026-10-20'],
    ['há umas duas semanas', 'pt', '2026-11-08'],
    ['agora de manhã', 'pt', '2026-11-22'],
    ['hoje de madrugada', 'pt', '2026-11-22'],
    ['1/11', 'pt', '2026-11-01'],
    ['01-11-26', 'pt', '2026-11-01'],
    ['20/11/2026.', 'pt', '2026-11-20'],
    ['20/11/2026, sexta-feira, por volta das 10h', 'pt', '2026-11-20'],
    ['20/novembro/2026', 'pt', '2026-11-20'],
    ['perdi na sexta', 'pt', '2026-11-20'],
    ['sumiu ontem', 'pt', '2026-11-21'],
    ['me roubaram ontem', 'pt', '2026-11-21'],
    ['fui roubado ontem', 'pt', '2026-11-21'],
    ['Last night around 11', 'en', '2026-11-21'],
    ['yesterday, around noon', 'en', '2026-11-21'],
    ['on 20/11', 'en', '2026-11-20'],
    ['on November 20th, 2026', 'en', '2026-11-20'],
    ['the 20th of this month', 'en', '2026-11-20'],
    ['Fri', 'en', '2026-11-20'],
    ['Fri 20th', 'en', '2026-11-20'],
    ['Fri, 20 Nov 2026', 'en', '2026-11-20'],
    ['20-Nov-26', 'en', '2026-11-20'],
    ['11-20-2026', 'en', '2026-11-20'],
    ['11.20.2026', 'en', '2026-11-20'],
    ['one week ago', 'en', '2026-11-15'],
    ['three days ago', 'en', '2026-11-19'],
    ['4 days ago in the evening', 'en', '2026-11-18'],
    ['a day ago', 'en', '2026-11-21'],
    ['1 day ago', 'en', '2026-11-21'],
    ['yesterday I think', 'en', '2026-11-21'],
    ['yesterday, I think', 'en', '2026-11-21'],
    ['early yesterday', 'en', '2026-11-21'],
    ['late yesterday', 'en', '2026-11-21'],
    ['গতকাল সকালে', 'bn', '2026-11-21'],
    ['গতকাল রাত ৯টায়', 'bn', '2026-11-21'],
    ['আজ দুপুরে', 'bn', '2026-11-22'],
    ['আজ রাতে', 'bn', '2026-11-22'],
    ['২০.১১.২০২৬', 'bn', '2026-11-20'],
    ['২০ নভেম্বর সকাল ১০টায়', 'bn', '2026-11-20'],
    ['শুক্রবার সন্ধ্যায়', 'bn', '2026-11-20'],
    ['গত বৃহস্পতিবার', 'bn', '2026-11-19'],
    ['বৃহস্পতিবার', 'bn', '2026-11-19'],
    ['১০ দিন আগে', 'bn', '2026-11-12'],
    ['দশ দিন আগে', 'bn', '2026-11-12'],
    ['নভেম্বরের ২০', 'bn', '2026-11-20'],
    ['২১শে নভেম্বর ২০২৬', 'bn', '2026-11-21'],
    ['পনেরোই নভেম্বর', 'bn', '2026-11-15'],
    ['faz uma semana hoje', 'pt', '2026-11-15'],
    ['hoje faz uma semana', 'pt', '2026-11-15'],
    ['vai fazer 3 dias hoje', 'pt', '2026-11-19'],
    ['hoje vão fazer 3 dias', 'pt', '2026-11-19'],
    ['já faz 3 dias', 'pt', '2026-11-19'],
    ['a week ago today', 'en', '2026-11-15'],
    ['exactly two weeks ago', 'en', '2026-11-08'],
    ['20/11 do ano passado', 'pt', '2025-11-20'],
    ['20/11 ano passado', 'pt', '2025-11-20'],
    ['ano passado, dia 20/11', 'pt', '2025-11-20'],
    ['20/11 deste ano', 'pt', '2026-11-20'],
    ['last year on November 20th', 'en', '2025-11-20'],
    ['20/11 last year', 'en', '2025-11-20'],
    ['goto shukrobar', 'bn', '2026-11-20'],
    ['shukrobar rate', 'bn', '2026-11-20'],
    ['shukrobarer din', 'bn', '2026-11-20'],
    ['gato sombar', 'bn', '2026-11-16'],
    ['20 tarikh', 'bn', '2026-11-20'],
    ['goto maser 20 tarikhe', 'bn', '2026-10-20'],
    ['tin din age', 'bn', '2026-11-19'],
    ['গত শুক্রবার সন্ধেবেলা', 'bn', '2026-11-20'],
    ['কাল রাত্তিরে', 'bn', '2026-11-21'],
    ['আমি ১৬ তারিখ হারিয়েছি', 'bn', '2026-11-16'],
    ['ah, foi na verdade sexta', 'pt', '2026-11-20'],
    ['olha, percebi que sumiu ontem, por aí', 'pt', '2026-11-21'],
    ['hmm, it has been a week', 'en', '2026-11-15'],
    ['this month on the 20th', 'en', '2026-11-20'],
    ['ek soptaho age', 'bn', '2026-11-15'],
    ['gotokalke rate', 'bn', '2026-11-21'],
    ['porsu', 'bn', '2026-11-20'],
    ['15/03/85', 'pt', '1985-03-15'],
    ['15/03/30', 'pt', '2030-03-15'],
  ])('%s (%s) is %s', (text, language, day) => {
    expect(readDay(text, TODAY, language)).toBe(day)
  })

  test.each<[string, Language]>([
    ['31/02/2026', 'pt'],
    ['11/20/2026', 'pt'],
    ['29/02/2025', 'pt'],
    ['00/00/0000', 'pt'],
    ['12', 'pt'],
    ['', 'pt'],
    ['um dia', 'pt'],
    ['ontem ou hoje', 'pt'],
    ['não foi ontem', 'pt'],
    ['ontem não', 'pt'],
    ['o cartão de ontem', 'pt'],
    ['mon', 'pt'],
    ['sex', 'en'],
    ['next', 'en'],
    ['mais de uma semana hoje', 'pt'],
    ['20/11/2026 do ano passado', 'pt'],
    ['ano passado', 'pt'],
    ['sat din', 'bn'],
    ['32112026', 'pt'],
    ['1234567', 'pt'],
    ['\u2060\u2060', 'pt'],
    ['quinta, 20/11', 'pt'],
    ['sexta, 21', 'pt'],
    ['ontem, 20/11', 'pt'],
    ['ontem, sexta', 'pt'],
    ['ontem ou anteontem', 'pt'],
    ['ontem e hoje', 'pt'],
    ['entre ontem e hoje', 'pt'],
    ['ontem não, hoje', 'pt'],
    ['20/11 ou 21/11', 'pt'],
    ['20/11 e 21/11', 'pt'],
    ['20 a 22 de novembro', 'pt'],
    ['de 20 a 22/11', 'pt'],
    ['antes de 20/11', 'pt'],
    ['depois de ontem', 'pt'],
    ['20 de novembro de 20266', 'pt'],
    ['30 de fevereiro', 'pt'],
    ['32 de janeiro', 'pt'],
    ['31/11', 'pt'],
    ['novembro', 'pt'],
    ['novembro de 2026', 'pt'],
    ['2026', 'pt'],
    ['vinte', 'pt'],
    ['dois', 'pt'],
    ['às 10h', 'pt'],
    ['10h', 'pt'],
    ['10:30', 'pt'],
    ['no shopping', 'pt'],
    ['perdi o cartão', 'pt'],
    ['foi no dia', 'pt'],
    ['foi', 'pt'],
    ['nunca', 'pt'],
    ['segunda via', 'pt'],
    ['segunda vez', 'pt'],
    ['quarta parada', 'pt'],
    ['529.982.247-25', 'pt'],
    ['4321', 'pt'],
    ['3 cartões', 'pt'],
    ['Thursday the 20th', 'en'],
    ['not yesterday', 'en'],
    ['yesterday or today', 'en'],
    ['no, yesterday', 'en'],
    ['I may have lost it', 'en'],
    ['May', 'en'],
    ['second', 'en'],
    ['the second card', 'en'],
    ['sat in the car', 'en'],
    ['at the sun mall', 'en'],
    ['in a shop', 'en'],
    ['march to the bank', 'en'],
    ['২০ নভেম্বর ২০২৬ সালে', 'bn'],
    ['গতকাল না', 'bn'],
    ['গতকাল বা আজ', 'bn'],
    ['জানি না', 'bn'],
    ['ontem o dia todo', 'pt'],
    ['início de novembro', 'pt'],
    ['meados de novembro', 'pt'],
    ['começo do mês', 'pt'],
    ['há mais de um mês', 'pt'],
    ['há menos de uma semana', 'pt'],
    ['vinte de onze', 'pt'],
    ['20/11/2.026', 'pt'],
    ['maybe yesterday', 'en'],
    ['two fridays ago', 'en'],
    ['3 mas atrás', 'pt'],
    ['end of last month', 'en'],
    ['ontem '.repeat(1000), 'pt'],
    ['2 dias depois que viajei', 'pt'],
    ['3 days after I lost my job', 'en'],
    ['Friday after Thanksgiving', 'en'],
    ['2 dias no hospital', 'pt'],
    ['perdi 2 dias no hospital', 'pt'],
    ['3 days on the road', 'en'],
    ['when I get back in 3 days', 'en'],
    ['quando eu voltar em 3 dias', 'pt'],
    ['quando eu chegar em casa, daqui a 3 dias', 'pt'],
    ['quando eu chegar em casa, depois de amanhã', 'pt'],
    ['quando saí depois de sexta', 'pt'],
    ['when I got home after Friday', 'en'],
    ['I sat in the car', 'en'],
    ['I was sat on the bus', 'en'],
    ['segunda no feriadão', 'pt'],
    ['sábado no réveillon', 'pt'],
    ['Friday at Thanksgiving', 'en'],
    ['Friday at Eid', 'en'],
  ])('%s (%s) is none', (text, language) => {
    expect(readDay(text, TODAY, language)).toBeUndefined()
  })

  test('a year of two digits is the one that bounds of long ago allow, whichever it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1930, max: 2022 }),
        fc.integer({ min: 0, max: 99 }),
        fc.constantFrom<Language>('pt', 'en', 'bn'),
        (last, year, language) => {
          const written = String(year).padStart(2, '0')
          const only = 1900 + year > last - 100 && 1900 + year <= last ? 1900 + year : 2000 + year
          fc.pre(only > last - 100 && only <= last)
          const bounds = { notBefore: `${last - 99}-01-01`, notAfter: `${last}-12-31` }
          expect(readDay(`15/03/${written}`, TODAY, language, bounds)).toBe(`${only}-03-15`)
        },
      ),
    )
  })

  test.each<[string, DayBounds, string]>([
    ['15/03/85', { notAfter: TODAY }, '1985-03-15'],
    ['15/03/45', { notAfter: TODAY }, '1945-03-15'],
    ['15/03/45', { notBefore: TODAY }, '2045-03-15'],
    ['15/03/05', { notBefore: '1920-01-01', notAfter: TODAY }, '2005-03-15'],
    // A slip of a month, not a day of a hundred years ago.
    ['20/12/26', { notAfter: TODAY }, '2026-12-20'],
    ['20/12/26', { notBefore: '1900-01-01', notAfter: '2008-11-22' }, '1926-12-20'],
    // A day of this year that the question forbids, and no day of another year that is further away.
    ['20/12', { notAfter: TODAY }, '2026-12-20'],
    ['23/11', { notAfter: TODAY }, '2026-11-23'],
    ['dia 23', { notAfter: TODAY }, '2026-10-23'],
    ['20/11', { notBefore: TODAY }, '2026-11-20'],
    ['15/02', { notAfter: TODAY }, '2026-02-15'],
    ['15/02', { notBefore: TODAY }, '2027-02-15'],
    ['dia 9', { notBefore: TODAY }, '2026-12-09'],
    ['20/12', { notBefore: '2024-01-01', notAfter: '2024-12-31' }, '2024-12-20'],
    ['20/12', { notBefore: TODAY }, '2026-12-20'],
    ['segunda', { notBefore: TODAY }, '2026-11-23'],
    ['segunda', { notAfter: TODAY }, '2026-11-16'],
    ['dia 5', { notBefore: TODAY }, '2026-12-05'],
  ])('%s, where the question allows %j, is %s', (text, bounds, day) => {
    expect(readDay(text, TODAY, 'pt', bounds)).toBe(day)
  })

  test.each<[string, DayBounds]>([
    ['15/03', { notBefore: '1900-01-01', notAfter: TODAY }],
    ['15 de março', { notBefore: '1900-01-01', notAfter: TODAY }],
    ['dia 15', { notBefore: '1900-01-01' }],
    ['15/03', { notAfter: '2008-11-22' }],
    ['15/03', { notBefore: '1900-01-01', notAfter: '2008-11-22' }],
    ['15/03', { notBefore: '2019-01-01', notAfter: '2024-12-31' }],
  ])('%s, where the question allows %j, could be of any year: none is guessed', (text, bounds) => {
    expect(readDay(text, TODAY, 'pt', bounds)).toBeUndefined()
  })

  test.each<[string, Language]>([
    ['semana passada', 'pt'],
    ['na semana passada', 'pt'],
    ['mês passado', 'pt'],
    ['fim de semana', 'pt'],
    ['há alguns dias', 'pt'],
    ['outro dia', 'pt'],
    ['depois do almoço', 'pt'],
    ['last week', 'en'],
    ['last month', 'en'],
    ['the other day', 'en'],
    ['a few days ago', 'en'],
    ['over the weekend', 'en'],
    ['গত সপ্তাহে', 'bn'],
    ['কয়েক দিন আগে', 'bn'],
  ])('%s (%s) says when and no one day, and is asked for it', (text, language) => {
    expect(readDay(text, TODAY, language)).toBeUndefined()
    expect(saysNoOneDay(text, language)).toBe(true)
  })
  test.each<[string, Language]>([
    ['ontem', 'pt'],
    ['no shopping', 'pt'],
    ['não sei', 'pt'],
    ['yesterday', 'en'],
  ])('%s (%s) does not say when without a day', (text, language) => {
    expect(saysNoOneDay(text, language)).toBe(false)
  })

  const dayOfLastYears = fc.integer({ min: 0, max: 300 }).map((days) => addDays(TODAY, -days))
  const leadIn = fc.constantFrom('', 'foi ', 'foi em ', 'perdi em ', 'acho que foi ', 'Oi, foi ')
  const time = fc.constantFrom(
    '',
    ' à tarde',
    ', às 10h',
    ' por volta das 10:30',
    ' depois do almoço',
    ' às três da tarde',
    ', 3 da tarde',
    ', obrigada!',
  )
  const anyDay = fc.integer({ min: 0, max: 4_000 }).map((days) => addDays('2021-01-01', days))
  const inWords = fc.constantFrom<(day: string) => readonly [string, Language]>(
    (day) => [`${Number(day.slice(8))}/${day.slice(5, 7)}`, 'pt'],
    (day) => [`foi dia ${day.slice(8)}/${day.slice(5, 7)}, à tarde`, 'pt'],
    (day) => [`${Number(day.slice(8))} de ${MONTHS.pt[Number(day.slice(5, 7)) - 1]}`, 'pt'],
    (day) => [`on ${MONTHS.en[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(8))}`, 'en'],
    (day) => [showDay(`2026${day.slice(4)}`, 'bn').replace(' ২০২৬', ''), 'bn'],
  )
  test('a day without a year is never taken for one of another year while one that the question forbids is nearer', () => {
    fc.assert(
      fc.property(
        anyDay,
        fc.integer({ min: -364, max: 364 }),
        fc.boolean(),
        inWords,
        (today, away, isPast, write) => {
          const meant = addDays(today, away)
          fc.pre(!meant.endsWith('02-29') && !today.endsWith('02-29'))
          const [text, language] = write(meant)
          const read = readDay(text, today, language, isPast ? { notAfter: today } : { notBefore: today })!
          expect(read.slice(4)).toBe(meant.slice(4))
          const isAllowed = isPast ? read <= today : read >= today
          if (read.slice(0, 4) === today.slice(0, 4)) return
          const ofThisYear = `${today.slice(0, 4)}${read.slice(4)}`
          expect(isAllowed).toBe(true)
          expect(daysBetween(read, today)).toBeLessThanOrEqual(daysBetween(ofThisYear, today))
        },
      ),
    )
  })

  test('a day is read however it is written, whatever leads to it and whatever time stands behind it', () => {
    fc.assert(
      fc.property(dayOfLastYears, leadIn, time, (day, before, behind) => {
        const [year, month, date] = day.split('-').map(Number) as [number, number, number]
        const name = MONTHS.pt[month - 1]!
        for (const written of [
          `${date}/${month}`,
          `${date}/${month}/${year}`,
          `${date} de ${name}`,
          `${date} de ${name.slice(0, 3)} de ${year}`,
          `${WEEKDAY_NAMES[weekdayOf(day)]}, ${date}/${month}`,
          `${date} de ${name} (${WEEKDAY_NAMES[weekdayOf(day)]})`,
        ])
          expect(readDay(before + written + behind, TODAY, 'pt')).toBe(day)
      }),
    )
  })
  test('in English and Bengali too, and whatever stands between its parts', () => {
    fc.assert(
      fc.property(dayOfLastYears, fc.constantFrom('/', '-', '.', '_', ':', ' '), (day, mark) => {
        const [year, month, date] = day.split('-').map(Number) as [number, number, number]
        const name = MONTHS.en[month - 1]!
        const numbers = [String(date).padStart(2, '0'), String(month).padStart(2, '0'), year]
        const written: readonly (readonly [string, Language])[] = [
          [numbers.join(mark), 'pt'],
          [`${name}-${date}-${year}`, 'en'],
          [`${name.slice(0, 3)} ${date}, ${year}`, 'en'],
          [`${year} ${name.slice(0, 3)} ${date}`, 'en'],
          [`${daysBetween(day, TODAY)} days ago`, 'en'],
          [showDay(day, 'bn'), 'bn'],
        ]
        for (const [text, language] of written)
          expect([text, readDay(text, TODAY, language)]).toEqual([text, day])
      }),
    )
  })
  test('a weekday that contradicts the date makes neither of them the day', () => {
    fc.assert(
      fc.property(dayOfLastYears, fc.integer({ min: 1, max: 6 }), (day, off) => {
        const [year, month, date] = day.split('-').map(Number) as [number, number, number]
        const wrong = WEEKDAY_NAMES[(weekdayOf(day) + off) % 7]
        expect(readDay(`${wrong}, ${date}/${month}/${year}`, TODAY, 'pt')).toBeUndefined()
      }),
    )
  })
  test('two days, a negation or another word beside the day make it none', () => {
    const other = fc.constantFrom(
      ' ou hoje',
      ' não',
      ' e 19/11',
      ' no shopping ou hoje',
      ' no máximo',
      ' quando cheguei na sexta, 20/11',
      ' talvez',
      ' até 20/11',
      ' o cartão',
    )
    fc.assert(
      fc.property(
        leadIn,
        fc.constantFrom('ontem', '20/11', '20 de novembro', 'sexta'),
        other,
        (before, day, behind) => {
          expect(readDay(before + day + behind, TODAY, 'pt')).toBeUndefined()
        },
      ),
    )
  })

  test('an hour, a part of the day and a hedge make no other day of it, in whatever order they stand', () => {
    const before = fc.constantFrom(
      '',
      'late ',
      'very late ',
      'early ',
      'sometime ',
      'around noon ',
      'at 5pm ',
    )
    const days = fc.constantFrom(
      ['yesterday', '2026-11-21'],
      ['last night', '2026-11-21'],
      ['friday', '2026-11-20'],
      ['on Friday', '2026-11-20'],
      ['November 20th', '2026-11-20'],
    )
    const behind = fc.constantFrom(
      '',
      ' at 9',
      ' at about nine',
      ', 9pm',
      ' evening',
      ' in the morning',
      ' I think',
    )
    fc.assert(
      fc.property(before, days, behind, (first, [day = '', is], last) => {
        expect([first + day + last, readDay(first + day + last, TODAY, 'en')]).toEqual([
          first + day + last,
          is,
        ])
      }),
    )
  })
  test('where or amid what it was makes no other day of it, and another time, a choice or a no in that makes it none', () => {
    const days = fc.constantFrom(
      ['ontem', '2026-11-21'],
      ['foi ontem à noite', '2026-11-21'],
      ['na sexta', '2026-11-20'],
      ['20/11', '2026-11-20'],
      ['há 3 dias', '2026-11-19'],
    )
    const told = fc.constantFrom(
      'no shopping',
      'na rua Augusta',
      'em casa',
      'voltando do trabalho',
      'ao sair do metrô',
      'quando cheguei em casa',
      'enquanto eu jantava com a minha irmã',
    )
    const spoilt = fc.constantFrom(
      ' na quinta',
      ' ou hoje',
      ' no dia 18',
      ' na semana passada',
      ' não',
      ' em maio',
    )
    fc.assert(
      fc.property(days, told, spoilt, ([day = '', is], where, more) => {
        expect([day, where, readDay(`${day} ${where}`, TODAY, 'pt')]).toEqual([day, where, is])
        expect([day, where, more, readDay(`${day} ${where}${more}`, TODAY, 'pt')]).toEqual([
          day,
          where,
          more,
          undefined,
        ])
      }),
    )
  })
  test('so long ago is that day, however it is said; more or less than that is none', () => {
    const before = fc.constantFrom(
      'há',
      'faz',
      'tem',
      'já faz',
      'já tem',
      'hoje faz',
      'hoje vai fazer',
      'acho que faz',
    )
    const units = fc.constantFrom<readonly [string, number]>(['dias', 1], ['semanas', 7])
    const behind = fc.constantFrom('', ' hoje', ' já', ', acho', ', mais ou menos', ' no mercado')
    fc.assert(
      fc.property(
        before,
        fc.integer({ min: 2, max: 25 }),
        units,
        behind,
        (lead, count, [unit, days], more) => {
          const said = `${lead} ${count} ${unit}${more}`
          expect([said, readDay(said, TODAY, 'pt')]).toEqual([said, addDays(TODAY, -count * days)])
          for (const other of ['mais de', 'menos de', 'não', 'uns 2 ou']) {
            const none = `${lead} ${other} ${count} ${unit}${more}`
            expect([none, readDay(none, TODAY, 'pt')]).toEqual([none, undefined])
          }
          // It is so long on a day that is to come, and that may be any.
          for (const ahead of ['vai fazer', 'vão fazer', 'acho que vai fazer'].map(
            (leads) => `${leads} ${count} ${unit}`,
          )) {
            expect([ahead, readDay(ahead, TODAY, 'pt')]).toEqual([ahead, undefined])
            const today = `${ahead} hoje`
            expect([today, readDay(today, TODAY, 'pt')]).toEqual([today, addDays(TODAY, -count * days)])
          }
        },
      ),
    )
  })
  test('two days that a range names are no day', () => {
    const dates = fc.tuple(fc.integer({ min: 1, max: 27 }), fc.integer({ min: 1, max: 27 }))
    fc.assert(
      fc.property(dates, ([one, other]) => {
        fc.pre(one !== other)
        for (const range of [
          `dia ${one} a ${other}`,
          `dia ${one} ou ${other}`,
          `de ${one} a ${other}/11`,
          `entre ${one} e ${other} de novembro`,
          `${one}-${other} nov`,
          `nov ${one}-${other}`,
          `${one}/11-${other}/11`,
        ])
          expect([range, readDay(range, TODAY, 'pt')]).toEqual([range, undefined])
      }),
    )
  })

  test.each<[string, Language, string, string]>([
    ['há duas horas', 'pt', '2026-11-22', '2026-11-21'],
    ['há 10 minutos', 'pt', '2026-11-22', '2026-11-22'],
    ['an hour ago', 'en', '2026-11-22', '2026-11-21'],
    ['half an hour ago', 'en', '2026-11-22', '2026-11-22'],
    ['few hours ago', 'en', '2026-11-22', '2026-11-21'],
    ['a couple hours ago', 'en', '2026-11-22', '2026-11-21'],
    ['২ ঘণ্টা আগে', 'bn', '2026-11-22', '2026-11-21'],
  ])('%s (%s) is %s in the afternoon and %s shortly after midnight', (text, language, late, early) => {
    const at = (now: string) => (minutes: number) =>
      new Date(Date.parse(now) - minutes * 60_000).toISOString().slice(0, 10)
    expect(readDay(text, TODAY, language, {}, at('2026-11-22T15:00:00Z'))).toBe(late)
    expect(readDay(text, TODAY, language, {}, at('2026-11-22T00:40:00Z'))).toBe(early)
    expect(readDay(text, TODAY, language)).toBeUndefined()
  })

  test('is shown as the language writes it', () => {
    expect(showDay('2026-03-05', 'pt')).toBe('05/03/2026')
    expect(showDay('2026-03-05', 'en')).toBe('5 March 2026')
    expect(showDay('2026-03-05', 'bn')).toBe('৫ মার্চ ২০২৬')
  })

  test('today is the day of the company, not of the server', () => {
    expect(dayIn('2026-11-22T02:30:00Z', 'America/Sao_Paulo')).toBe('2026-11-21')
    expect(dayIn('2026-11-22T20:30:00Z', 'Asia/Dhaka')).toBe('2026-11-23')
  })
})
