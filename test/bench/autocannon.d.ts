/** The part of autocannon that the benchmarks use; it ships no types of its own. */
declare module 'autocannon' {
  interface Sent {
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly method: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    /** `setupRequest` makes each request as it is sent. */
    readonly requests: readonly { readonly body?: string; readonly setupRequest?: (request: Sent) => Sent }[];
  }
  interface Result {
    readonly duration: number;
    readonly errors: number;
    readonly non2xx: number;
    readonly requests: { readonly total: number };
    readonly latency: { readonly p50: number; readonly p99: number };
  }
  const autocannon: (options: Options) => Promise<Result>;
  export = autocannon;
}
