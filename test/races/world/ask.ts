import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import type { Express, Request, Response } from 'express';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly cookies: readonly string[];
}

export interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
}

const nowhere = new Socket();

/** Asks an app without a socket: between two calls to a store nothing but its own code runs. */
export function ask(app: Express, { method, url, headers, body }: Question): Promise<Answer> {
  const req = Object.assign(new IncomingMessage(nowhere), { method, url, headers, body });
  const res = new ServerResponse(req);
  const written: Buffer[] = [];
  return new Promise((resolve) => {
    res.write = (chunk: unknown) => {
      written.push(Buffer.from(chunk as Buffer));
      return true;
    };
    res.end = (chunk?: unknown) => {
      if (!res.headersSent) res.writeHead(res.statusCode);
      if (chunk !== undefined && chunk !== null) written.push(Buffer.from(chunk as Buffer));
      resolve({
        status: res.statusCode,
        body: parsed(Buffer.concat(written).toString()),
        cookies: [res.getHeader('Set-Cookie') ?? []].flat().map(String),
      });
      return res;
    };
    app(req as unknown as Request, res as Response);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
