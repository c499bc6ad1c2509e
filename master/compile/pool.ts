import { Worker } from 'node:worker_threads'
import { Failure } from '../../lib/failure.ts'
import { COMPILE_TIMEOUT_MS } from '../../lib/limits.ts'
import type { Answer, CompiledHost, SiteOverview, Task, WorkerSetting } from './compile-worker.ts'
import type { Source, SourcesQuestion } from './sources.ts'

/** Worker threads that each hold the whole site and compile one host at a time. */
export interface CompilePool {
  /** Reads a site in every worker, beside the one in use. */
  read(dir: string): Promise<SiteOverview>
  /** Uses what was read last from now on. */
  adopt(): Promise<void>
  learn(news: Pick<Extract<Task, { do: 'learn' }>, 'facts' | 'assigned'>): Promise<void>
  /** Compiles a host in the worker that has the least to do. */
  compile(host: string, inputs: string | null): Promise<CompiledHost>
  /** What declarations are made of, by the site in use. */
  sources(question: SourcesQuestion): Promise<readonly Source[]>
  close(): Promise<void>
}

type Waiting = {
  readonly id: number
  readonly what: Task['do']
  resolve(answer: Answer): void
  reject(why: Error): void
}

/** @param compiled is told how many milliseconds each host took */
export function openPool(
  size: number,
  setting: WorkerSetting,
  compiled: (ms: number) => void = () => undefined,
): CompilePool {
  const threads = Array.from({ length: size }, () => openThread(setting, compiled))
  const idlest = () => threads.reduce((one, other) => (other.pending < one.pending ? other : one))
  const all = async (task: Task) => {
    const answers = await Promise.all(threads.map((thread) => thread.ask(task)))
    return answers[0] ?? null
  }
  return {
    read: async (dir) => (await all({ do: 'read', dir })) as SiteOverview,
    adopt: async () => void (await all({ do: 'adopt' })),
    learn: async (news) => void (await all({ do: 'learn', ...news })),
    compile: async (host, inputs) => (await idlest().ask({ do: 'compile', host, inputs })) as CompiledHost,
    sources: async (question) => (await idlest().ask({ do: 'sources', ...question })) as readonly Source[],
    close: async () => void (await Promise.all(threads.map((thread) => thread.close()))),
  }
}

function openThread(setting: WorkerSetting, compiled: (ms: number) => void) {
  // The same name beside this file in dist/master/compile/ and in the bundle.
  const worker = new Worker(new URL('./compile-worker.js', import.meta.url), { workerData: setting })
  // In the order in which the worker works on them.
  const waiting: Waiting[] = []
  let ids = 0
  let broken: Error | null = null
  let timer: NodeJS.Timeout | undefined
  let firstAt = 0

  const fail = (why: Error) => {
    broken ??= why
    clearTimeout(timer)
    for (const { reject } of waiting.splice(0)) reject(why)
  }
  /** Each task has its own time, from when the one before it has ended. */
  const watch = () => {
    clearTimeout(timer)
    const [first] = waiting
    if (first === undefined) return
    firstAt = performance.now()
    timer = setTimeout(() => {
      // It may be in an endless loop, which nothing but its end would stop.
      void worker.terminate()
      fail(new Failure('timeout', `"${first.what}" took more than ${COMPILE_TIMEOUT_MS} ms`))
    }, COMPILE_TIMEOUT_MS)
  }
  worker.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
    if (waiting[0]?.id !== id) return fail(new Error('the compile worker has answered what was not asked'))
    const done = waiting.shift()
    if (done?.what === 'compile') compiled(performance.now() - firstAt)
    done?.resolve(answer)
    watch()
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Failure('unavailable', 'the compile worker has ended')))

  return {
    get pending() {
      return waiting.length
    },
    async ask(task: Task): Promise<Extract<Answer, { ok: true }>['value']> {
      const answer = await new Promise<Answer>((resolve, reject) => {
        if (broken !== null) return reject(broken)
        ids += 1
        waiting.push({ id: ids, what: task.do, resolve, reject })
        worker.postMessage({ id: ids, task })
        if (waiting.length === 1) watch()
      })
      if (answer.ok) return answer.value
      throw new Error(answer.error)
    },
    close: () => worker.terminate(),
  }
}
