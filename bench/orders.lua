-- wrk's half of bench/load.py: single-order POSTs in the contract's shape, each with its own external number.
-- Arguments: run (text that makes external numbers unique), token, skus, seed, orders a request (0: one, not in a batch).

local remarks = {
  "请避开周一送货，需附出厂检验报告", "加急！车在举升机上等着", "周末不收货", "", "送前打电话", "发顺丰", "",
  "星期天别送", "纸箱里多垫点泡沫", "放门卫老张那里", "开专票，抬头同上次", "", "尽量上午到", "包装不要有价格",
}
local count, run, skus, batch = 0, "", 1, 0

function init(args)
  run, skus = args[1], tonumber(args[3])
  math.randomseed(tonumber(args[4]))
  batch = tonumber(args[5] or "0")
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. args[2]
end

local function line()
  return string.format('{"sku":"BP-%05d","qty":%d,"price_fen":%d}', math.random(skus), math.random(4), 1000 + math.random(90000))
end

local function draft()
  count = count + 1
  local buyer = math.random(500)
  return string.format(
    '{"channel":"manual","external_no":"%s-%d","customer":{"name":"浦东宝诚第%d修理厂","phone":"138%08d"},'
    .. '"address":"上海市浦东新区张江路%d号2幢底楼收货处","note":"%s","options":["需加装防震泡沫"],'
    .. '"lines":[%s,%s,%s],"paid_at":"2026-01-22T10:05:00+08:00"}',
    run, count, buyer, buyer, buyer, remarks[math.random(#remarks)], line(), line(), line())
end

function request()
  if batch == 0 then
    return wrk.format(nil, nil, nil, draft())
  end
  local drafts = {}
  for n = 1, batch do
    drafts[n] = draft()
  end
  return wrk.format(nil, nil, nil, '{"orders":[' .. table.concat(drafts, ",") .. "]}")
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\nRESULT {"requests":%d,"us":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
