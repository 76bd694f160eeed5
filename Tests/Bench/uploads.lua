-- For wrk: uploads one photo repeatedly, each time with other bytes after it, because a duplicate would not
-- be stored. Arguments: `form` for a multipart POST, `raw` for a POST of the photo alone or `put` for PUT;
-- the photo's path; and a text that no other run uses.
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
