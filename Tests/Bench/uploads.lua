-- For wrk: one photo again and again, each time with other bytes behind it, since what is known would
-- not be stored again. Words: `form` for a multipart POST, `raw` for a bare one, `put` for PUT; the
-- photo's path; and what no other run says.
local kind, photo, run
local count = 0

function init(words)
  kind, run = words[1], words[3]
  local file = io.open(words[2], "rb")
  photo = file:read("*a")
  file:close()
  wrk.method = kind == "put" and "PUT" or "POST"
  wrk.headers["Content-Type"] = kind == "form" and "multipart/form-data; boundary=limit" or "image/jpeg"
end

function request()
  count = count + 1
  local mark = run .. "-" .. count
  if kind == "form" then
    return wrk.format(nil, nil, nil, table.concat {
      '--limit\r\nContent-Disposition: form-data; name="image"; filename="', mark, '.jpg"\r\n',
      "Content-Type: image/jpeg\r\n\r\n", photo, mark, "\r\n--limit--\r\n",
    })
  end
  local path = kind == "put" and "/" .. mark .. ".jpg" or nil
  return wrk.format(nil, path, nil, photo .. mark)
end
